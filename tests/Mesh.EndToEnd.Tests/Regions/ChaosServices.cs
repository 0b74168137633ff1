using System.Globalization;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>The services that are written to, and the JSON of what is written.</summary>
internal static class ChaosServices
{
    /// <summary>They always have an endpoint in each region that lives, and a rule that leads there: no call of them may fail.</summary>
    public static readonly IReadOnlyList<string> Called = ["chaos/a", "chaos/b", "chaos/c"];

    /// <summary>They come and go.</summary>
    public static readonly IReadOnlyList<string> Fleeting = ["fleeting/a", "fleeting/b"];

    /// <summary>The rules that are written, beside the one that takes all calls.</summary>
    public static readonly IReadOnlyList<string> Rules = ["one", "two", "three"];

    /// <summary>The endpoints that are written, beside the one that lives.</summary>
    public static readonly IReadOnlyList<string> Endpoints = ["x", "y", "z"];

    public const string LivingEndpoint = "lives";

    /// <summary>The value of <see cref="Traffic"/> that every service begins with.</summary>
    public const string FirstTraffic = "1";

    public static string Path(string service) => $"/v1/services/{service}";

    public static string Exists(string service) => $"{service}: exists";

    public static string Rule(string service, string rule) => $"{service}: routes/{rule}";

    /// <summary>The traffic policy, by a number that nothing depends on.</summary>
    public static string Traffic(string service) => $"{service}: traffic";

    public static string EndpointLabel(string service, string region, string id) => $"{service}: endpoints/{region}/{id}/label";

    public static string EndpointState(string service, string region, string id) => $"{service}: endpoints/{region}/{id}/state";

    /// <summary>A rule that no call matches; its value is what it asks for in a header.</summary>
    public static string RuleJson(string service, string rule, string value) => $$"""
        { "name": "{{rule}}", "matches": [{ "headers": [{ "name": "x-chaos", "value": "{{value}}" }] }], "backendRefs": [{ "name": "{{Name(service)}}" }] }
        """;

    public static string TrafficJson(string number) => $$"""{ "retryBudget": { "minPerSecond": {{number}} } }""";

    public static string SpecJson(string service, IReadOnlyDictionary<string, string> rules, string traffic) => $$"""
        {
          "routes": [{ "name": "all", "backendRefs": [{ "name": "{{Name(service)}}" }] }
            {{string.Concat(rules.Select(rule => ", " + RuleJson(service, rule.Key, rule.Value)))}}],
          "traffic": {{TrafficJson(traffic)}}
        }
        """;

    public static string EndpointJson(int port, string label) => string.Create(
        CultureInfo.InvariantCulture, $$"""{ "host": "127.0.0.1", "port": {{port}}, "labels": { "value": "{{label}}" } }""");

    private static string Name(string service) => service[(service.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
