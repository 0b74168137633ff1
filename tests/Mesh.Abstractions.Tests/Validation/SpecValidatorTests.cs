using System.Text;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Validation;

public class SpecValidatorTests
{
    [Fact]
    public void Accepts_a_spec_that_uses_every_field() => Assert.Empty(Errors<ServiceSpec>(SampleSpecs.Complete));

    [Fact]
    public void Accepts_an_empty_spec() => Assert.Empty(Errors<ServiceSpec>("{}"));

    [Theory]
    [InlineData("""{"hosts":["Web.example"]}""", "$.hosts[0]", "lower case")]
    [InlineData("""{"hosts":["a.example","a.example"]}""", "$.hosts[1]", "already")]
    [InlineData("""{"hosts":["10.0.0.1"]}""", "$.hosts[0]", "not an IP address")]
    [InlineData("""{"hosts":["::1"]}""", "$.hosts[0]", "not an IP address")]
    [InlineData("""{"hosts":["*.example"]}""", "$.hosts[0]", "wildcards")]
    [InlineData("""{"hosts":["http://a"]}""", "$.hosts[0]", "no scheme")]
    [InlineData("""{"hosts":["a.example:80"]}""", "$.hosts[0]", "is not a DNS name")]
    [InlineData("""{"hosts":[""]}""", "$.hosts[0]", "is not a DNS name")]
    [InlineData("""{"ports":[0]}""", "$.ports[0]", "from 1 to 65535")]
    [InlineData("""{"ports":[65536]}""", "$.ports[0]", "from 1 to 65535")]
    [InlineData("""{"ports":[80,80]}""", "$.ports[1]", "already")]
    [InlineData("""{"routes":[{"name":"A"}]}""", "$.routes[0].name", "lower-case")]
    [InlineData("""{"routes":[{"name":"a"},{"name":"b"},{"name":"a"}]}""", "$.routes[2].name", "name of rule 0 already")]
    [InlineData("""{"traffic":{"outlierDetection":{"consecutiveFailures":0}}}""", "$.traffic.outlierDetection.consecutiveFailures", "from 1 to 1000")]
    [InlineData("""{"traffic":{"outlierDetection":{"maxEjectedPercent":101}}}""", "$.traffic.outlierDetection.maxEjectedPercent", "from 0 to 100")]
    [InlineData("""{"traffic":{"outlierDetection":{"minEjection":"2m"}}}""", "$.traffic.outlierDetection.minEjection", "at most \"maxEjection\" (1m)")]
    [InlineData("""{"traffic":{"outlierDetection":{"minEjection":"0s"}}}""", "$.traffic.outlierDetection.minEjection", "from 1ms")]
    [InlineData("""{"traffic":{"retryBudget":{"percent":1001}}}""", "$.traffic.retryBudget.percent", "from 0 to 1000")]
    [InlineData("""{"traffic":{"retryBudget":{"minPerSecond":-1}}}""", "$.traffic.retryBudget.minPerSecond", "from 0 to 100000")]
    [InlineData("""{"traffic":{"retryBudget":{"window":"2m"}}}""", "$.traffic.retryBudget.window", "from 1s to 1m")]
    public void Refuses_in_a_service(string json, string path, string message) => AssertOnly<ServiceSpec>(json, path, message);

    [Theory]
    [InlineData("""{"path":{"value":"api"}}""", ".path.value", "start with '/'")]
    [InlineData("""{"path":{"value":""}}""", ".path.value", "empty")]
    [InlineData("""{"path":{"value":"/a//b"}}""", ".path.value", "'//'")]
    [InlineData("""{"path":{"value":"/a/../b"}}""", ".path.value", "'..'")]
    [InlineData("""{"path":{"value":"/."}}""", ".path.value", "'.'")]
    [InlineData("""{"path":{"value":"/a?b=c"}}""", ".path.value", "queryParams")]
    [InlineData("""{"path":{"value":"/a#b"}}""", ".path.value", "'#'")]
    [InlineData("""{"path":{"value":"/a%20b"}}""", ".path.value", "decoded")]
    [InlineData("""{"path":{"value":"/a\u0000"}}""", ".path.value", "control")]
    [InlineData("""{"path":{"type":"RegularExpression","value":"("}}""", ".path.value", "is not a regular expression: ")]
    [InlineData("""{"path":{"type":"RegularExpression","value":"a)|(b"}}""", ".path.value", "is not a regular expression")]
    [InlineData("""{"path":{"type":"RegularExpression","value":"(?=a)b"}}""", ".path.value", "look-arounds")]
    [InlineData("""{"path":{"type":"RegularExpression","value":"(a)\\1"}}""", ".path.value", "back-references")]
    [InlineData("""{"path":{"type":"RegularExpression","value":"(a{1000}){1000}"}}""", ".path.value", "repeats too much")]
    [InlineData("""{"headers":[{"name":"x y","value":""}]}""", ".headers[0].name", "not a header name")]
    [InlineData("""{"headers":[{"name":":path","value":""}]}""", ".headers[0].name", "use \"method\" and \"path\"")]
    [InlineData("""{"headers":[{"name":"x","value":"a\r\nb"}]}""", ".headers[0].value", "line breaks")]
    [InlineData("""{"headers":[{"name":"X","value":"1"},{"name":"x","value":"2"}]}""", ".headers[1].name", "already")]
    [InlineData("""{"queryParams":[{"name":"","value":"2"}]}""", ".queryParams[0].name", "empty")]
    [InlineData("""{"queryParams":[{"name":"a","value":"1"},{"name":"a","value":"2"}]}""", ".queryParams[1].name", "already")]
    [InlineData("""{"method":"get"}""", ".method", "upper case")]
    [InlineData("""{"method":""}""", ".method", "upper case")]
    public void Refuses_in_a_match(string match, string path, string message) => AssertOnly<ServiceSpec>(
        $$$"""{"routes":[{"name":"a","matches":[{},{{{match}}}]}]}""", "$.routes[0].matches[1]" + path, message);

    [Theory]
    [InlineData("""{"type":"RequestHeaderModifier"}""", ".requestHeaderModifier", "is required")]
    [InlineData("""{"type":"RequestHeaderModifier","requestHeaderModifier":{}}""", ".requestHeaderModifier", "changes nothing")]
    [InlineData("""{"type":"RequestHeaderModifier","requestHeaderModifier":{"remove":["host"]}}""", ".requestHeaderModifier.remove[0]", "Host header")]
    [InlineData("""{"type":"RequestHeaderModifier","requestHeaderModifier":{"remove":["Transfer-Encoding"]}}""", ".requestHeaderModifier.remove[0]", "connection")]
    [InlineData("""{"type":"RequestHeaderModifier","requestHeaderModifier":{"set":[{"name":"Mesh-Error","value":""}]}}""", ".requestHeaderModifier.set[0].name", "mesh's own")]
    [InlineData("""{"type":"RequestHeaderModifier","requestHeaderModifier":{"add":[{"name":"x","value":"\u0000"}]}}""", ".requestHeaderModifier.add[0].value", "control")]
    [InlineData("""{"type":"RequestHeaderModifier","requestHeaderModifier":{"set":[{"name":"x","value":"1"},{"name":"X","value":"2"}]}}""", ".requestHeaderModifier.set[1].name", "already")]
    public void Refuses_in_a_filter(string filter, string path, string message) => AssertOnly<ServiceSpec>(
        $$$"""{"routes":[{"name":"a","filters":[{{{filter}}}]}]}""", "$.routes[0].filters[0]" + path, message);

    [Fact]
    public void Refuses_a_filter_with_the_member_of_another_type_and_a_type_given_twice()
    {
        var filter = """{"type":"RequestHeaderModifier","requestHeaderModifier":{"remove":["x"]}}""";
        var other = """{"type":"RequestHeaderModifier","requestHeaderModifier":{"remove":["y"]},"responseHeaderModifier":{"remove":["y"]}}""";
        Assert.Equal(
            ["$.routes[0].filters[1].type", "$.routes[0].filters[1].responseHeaderModifier"],
            Errors<ServiceSpec>($$$"""{"routes":[{"name":"a","filters":[{{{filter}}},{{{other}}}]}]}""").Select(error => error.Path));
    }

    [Theory]
    [InlineData("""{"backendRefs":[{"name":"b","weight":-1}]}""", ".backendRefs[0].weight", "from 0 to 1000000")]
    [InlineData("""{"backendRefs":[{"name":"b","weight":1000001}]}""", ".backendRefs[0].weight", "from 0 to 1000000")]
    [InlineData("""{"backendRefs":[{"name":"b","weight":0},{"name":"c","weight":0}]}""", ".backendRefs", "weight 0")]
    [InlineData("""{"backendRefs":[{"name":"Not A Name"}]}""", ".backendRefs[0].name", "not a service's name")]
    [InlineData("""{"backendRefs":[{"name":"b","namespace":"-"}]}""", ".backendRefs[0].namespace", "not a namespace")]
    [InlineData("""{"backendRefs":[{"name":"b"},{"name":"b"}]}""", ".backendRefs[1].name", "already")]
    [InlineData("""{"timeouts":{"request":"1s","backendRequest":"2s"}}""", ".timeouts.backendRequest", "at most \"request\" (1s), not 2s")]
    [InlineData("""{"timeouts":{"request":"99999h"}}""", ".timeouts.request", "to 24h")]
    [InlineData("""{"retry":{"attempts":0}}""", ".retry.attempts", "from 1 to 10")]
    [InlineData("""{"retry":{"attempts":11}}""", ".retry.attempts", "from 1 to 10")]
    [InlineData("""{"retry":{"codes":[399]}}""", ".retry.codes[0]", "from 400 to 599")]
    [InlineData("""{"retry":{"codes":[503,503]}}""", ".retry.codes[1]", "already")]
    [InlineData("""{"retry":{"backoff":"2m"}}""", ".retry.backoff", "to 1m")]
    public void Refuses_in_a_rule(string fields, string path, string message) => AssertOnly<ServiceSpec>(
        $$"""{"routes":[{"name":"a",{{fields[1..]}}]}""", "$.routes[0]" + path, message);

    [Fact]
    public void A_request_limit_that_is_off_does_not_bound_the_tries() => Assert.Empty(
        Errors<ServiceSpec>("""{"routes":[{"name":"a","timeouts":{"request":"0s","backendRequest":"2s"}}]}"""));

    [Theory]
    [InlineData("matches", "{}", 65)]
    [InlineData("backendRefs", """{"name":"b%"}""", 17)]
    public void Bounds_the_lists_of_a_rule(string list, string item, int count)
    {
        var items = string.Join(',', Enumerable.Range(0, count).Select(i => item.Replace("%", $"{i}", StringComparison.Ordinal)));
        AssertOnly<ServiceSpec>($$"""{"routes":[{"name":"a","{{list}}":[{{items}}]}]}""", $"$.routes[0].{list}", $"at most {count - 1}");
    }

    [Fact]
    public void Bounds_the_number_of_rules()
    {
        var rules = string.Join(',', Enumerable.Range(0, SpecLimits.Rules + 1).Select(i => $$"""{"name":"r{{i}}"}"""));
        AssertOnly<ServiceSpec>($$"""{"routes":[{{rules}}]}""", "$.routes", "at most 1000");
    }

    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("::1")]
    [InlineData("fd00::12:3")]
    [InlineData("web-1.shop.internal")]
    [InlineData("localhost")]
    public void Accepts_an_endpoint_at(string host) =>
        Assert.Empty(Errors<EndpointSpec>($$$"""{"host":"{{{host}}}","port":8080,"zone":"a","labels":{"app.kubernetes.io/name":"Web 1"}}"""));

    [Theory]
    [InlineData("""{"host":"","port":1}""", "$.host", "neither")]
    [InlineData("""{"host":"1","port":1}""", "$.host", "neither")]
    [InlineData("""{"host":"10.0.0.300","port":1}""", "$.host", "neither")]
    [InlineData("""{"host":"0x7f.1","port":1}""", "$.host", "neither")]
    [InlineData("""{"host":"[::1]","port":1}""", "$.host", "neither")]
    [InlineData("""{"host":"fe80::1%eth0","port":1}""", "$.host", "neither")]
    [InlineData("""{"host":"http://a","port":1}""", "$.host", "no scheme")]
    [InlineData("""{"host":"0.0.0.0","port":1}""", "$.host", "not the address of one instance")]
    [InlineData("""{"host":"::","port":1}""", "$.host", "not the address of one instance")]
    [InlineData("""{"host":"224.0.0.1","port":1}""", "$.host", "not the address of one instance")]
    [InlineData("""{"host":"a","port":0}""", "$.port", "from 1 to 65535")]
    [InlineData("""{"host":"a","port":1,"weight":-1}""", "$.weight", "from 0 to 1000000")]
    [InlineData("""{"host":"a","port":1,"zone":"Zone A"}""", "$.zone", "lower-case")]
    [InlineData("""{"host":"a","port":1,"labels":{"a b":""}}""", "$.labels['a b']", "not a label's name")]
    [InlineData("""{"host":"a","port":1,"labels":{"a":"\n"}}""", "$.labels.a", "control character")]
    public void Refuses_in_an_endpoint(string json, string path, string message) => AssertOnly<EndpointSpec>(json, path, message);

    [Fact]
    public void Adds_what_makes_no_sense_to_what_is_malformed_but_not_at_the_same_place()
    {
        var errors = Errors<ServiceSpec>(
            """{"hosts":["UP"],"routes":[{"name":1,"matches":[{"path":{"value":"x"}}]},{"filters":[{"type":"RequestHeaderModifier","requestHeaderModifier":5}]}]}""");
        Assert.Equal(
            ["$.hosts[0]", "$.routes[0].matches[0].path.value", "$.routes[0].name", "$.routes[1].filters[0].requestHeaderModifier", "$.routes[1].name"],
            errors.Select(error => error.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"ports":["80",0]}""", "$.ports[0]", "$.ports[1]")]
    [InlineData("""{"routes":[{"name":"a","filters":[{"type":"No"},{"type":"RequestHeaderModifier","requestHeaderModifier":{"remove":["x"]}}]}]}""", "$.routes[0].filters[0].type")]
    [InlineData("""{"routes":[{},{}]}""", "$.routes[0].name", "$.routes[1].name")]
    [InlineData("""{"traffic":{"outlierDetection":{"minEjection":"5m","maxEjection":"x"}}}""", "$.traffic.outlierDetection.maxEjection")]
    public void Stand_ins_for_what_is_malformed_cause_no_errors_elsewhere(string json, params string[] paths) =>
        Assert.Equal(paths, Errors<ServiceSpec>(json).Select(error => error.Path));

    private static void AssertOnly<T>(string json, string path, string message)
        where T : class
    {
        var error = Assert.Single(Errors<T>(json));
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<SpecError> Errors<T>(string json)
        where T : class
    {
        Assert.True(StrictJson.TryParse(Encoding.UTF8.GetBytes(json), out var document, out var syntax), syntax?.ToString());
        var errors = new SpecErrors();
        switch (StrictJson.Read<T>(document, JsonPath.Root, errors))
        {
            case ServiceSpec spec:
                SpecValidator.Validate(spec, JsonPath.Root, errors);
                break;
            case EndpointSpec endpoint:
                SpecValidator.Validate(endpoint, JsonPath.Root, errors);
                break;
        }

        return errors.Items;
    }
}
