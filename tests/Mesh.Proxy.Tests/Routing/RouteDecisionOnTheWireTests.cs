using System.Net;
using System.Text;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Tests.Hosting;
using Microsoft.AspNetCore.Http.Features;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Routing;

/// <summary>
/// Sends each case of the tables, letter by letter, through a proxy to an endpoint: what the tests of the decisions take
/// for granted about servers and clients is true.
/// </summary>
public sealed class RouteDecisionOnTheWireTests(RouteDecisionOnTheWireTests.Wire wire) : IClassFixture<RouteDecisionOnTheWireTests.Wire>
{
    public static TheoryData<string> Cases => RouteCases.Names(static one =>
        one.Request is { Scheme: "http", Identity: null, Namespace: "shop" } && one.Request.Host.Split(':')[0] is "web" or "web.shop");

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Does_what_was_decided(string name)
    {
        var one = RouteCases.All[name];
        wire.Answer = one.Answer;
        foreach (var backend in one.Spec!.Routes.SelectMany(static rule => rule.BackendRefs).Where(static backend => backend.Name != "web"))
        {
            wire.Proxy.Serve($"shop/{backend.Name}", new(), At(wire.Endpoint.Port));
        }

        wire.Proxy.Serve("shop/web", one.Spec, At(wire.Endpoint.Port) with { Labels = new Dictionary<string, string> { ["version"] = "2" } });
        var before = Counts();

        var answer = await RawHttp.SendAsync(wire.Proxy.Addresses.Outbound, RequestOf(one.Request));

        var isCall = one.Request.Headers.Any(static header => header.Value.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase));
        Assert.StartsWith($"HTTP/1.1 {one.Expect.Status ?? (one.Expect.Rule is null && !isCall ? 404 : 200)} ", answer, StringComparison.Ordinal);
        Assert.Equal(one.Expect.Rule is null ? "no-route" : "", HeaderOf(answer, "mesh-error"));
        Assert.Equal(one.Expect.Location ?? "", HeaderOf(answer, "Location"));
        foreach (var (header, value) in one.Expect.Headers)
        {
            Assert.Equal((header, value), (header, HeaderOf(answer, header)));
        }

        if (one.Expect is { Rule: { } rule, Status: null })
        {
            Assert.Equal([rule], Counts().Where(after => after.Value != before.GetValueOrDefault(after.Key)).Select(static after => after.Key));
            Assert.Equal(one.Expect.Host ?? one.Request.Host, WebUtility.UrlDecode(HeaderOf(answer, "x-host")));
            if (one.Expect.Target is { } target)
            {
                Assert.Equal(target, HeaderOf(answer, "x-target"));
            }
        }
    }

    private static string RequestOf(RouteCaseRequest request)
    {
        var text = new StringBuilder($"{request.Method} {request.Target} HTTP/1.1\r\nHost: {request.Host}\r\nConnection: close\r\n");
        foreach (var (name, value) in request.Headers)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return text.Append(request.Method is "POST" or "PUT" ? "Content-Length: 0\r\n\r\n" : "\r\n").ToString();
    }

    /// <summary>Values of a repeated header are joined.</summary>
    private static string HeaderOf(string answer, string name) => string.Join(",", answer.Split("\r\n")
        .TakeWhile(static line => line.Length > 0)
        .Where(line => line.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 2)..]));

    private Dictionary<string, long> Counts() => wire.Proxy.Table.GetOrAdd(new("shop", "web")).Model!.Rules
        .GroupBy(static rule => rule.Name)
        .ToDictionary(static rules => rules.Key, static rules => rules.Sum(CountOf));

    private static long CountOf(RuleModel rule) => rule.Backends.Select(static backend => backend.Stats).Distinct().Sum(static stats => stats.CountOf(2));

    public sealed class Wire : IAsyncLifetime
    {
        public IReadOnlyDictionary<string, string> Answer { get; set; } = new Dictionary<string, string>();

        internal ProxyHost Proxy { get; private set; } = null!;

        internal Upstream Endpoint { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Proxy = await ProxyHost.StartAsync();
            Endpoint = await Upstream.StartAsync(context =>
            {
                foreach (var (name, value) in Answer)
                {
                    context.Response.Headers[name] = value;
                }

                context.Response.Headers["x-target"] = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
                context.Response.Headers["x-host"] = context.Request.Host.Value;
                return Task.CompletedTask;
            });
        }

        public async ValueTask DisposeAsync()
        {
            await Proxy.DisposeAsync();
            await Endpoint.DisposeAsync();
        }
    }
}
