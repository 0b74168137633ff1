using Mesh.Abstractions.Access;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;

namespace Mesh.Silo.Api;

/// <summary>
/// How a described request would be decided. Proxies decide, and only they know what they measured; so one of them is
/// asked, and its answer names it.
/// </summary>
internal static class ExplainEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/v1/explain", Explain)
        .Needs(ApiRole.Viewer, ApiScope.Somewhere)
        .Describe("Ask a proxy how it would decide a request, and why")
        .WithMetadata(AuditScope.None)
        .Accepts<ExplainRequest>("application/json")
        .Produces<Explanation>();

    private static async Task<IResult> Explain(HttpContext context, IProxyDirectory proxies)
    {
        var request = await SpecBody.ReadExplain(context);
        var connected = (await proxies.List(context.RequestAborted)).Where(proxy => proxy.Connected && context.Principal().May(ApiRole.Viewer, proxy.Proxy.Namespace)).ToList();
        var asked = request.Proxy is null
            ? connected.OrderByDescending(proxy => Uses(proxy, request.Authority)).Select(static proxy => proxy.Proxy.Id).FirstOrDefault()
            : connected.Select(static proxy => proxy.Proxy.Id).FirstOrDefault(id => id == request.Proxy);
        if (asked is null)
        {
            throw ApiException.NotFound(request.Proxy is null
                ? "No proxy is connected that could be asked."
                : "There is no such proxy connected; /v1/proxies lists those there are.");
        }

        var explanation = await proxies.Explain(asked, request)
            ?? throw ApiException.Unavailable($"The proxy {asked} did not answer; its own admin page POST /explain may.");
        return new RepresentationResult(Representation.OfContent(ReadableExplanation.Of(explanation, context.Principal())));
    }

    /// <summary>Whether the proxy has a subscription to the service that the authority seems to name; aliases are not looked up.</summary>
    private static bool Uses(ProxyView proxy, string text) =>
        Authority.TryParse(text, out var authority)
        && Authority.TryGetService(authority.Host.ToString(), proxy.Proxy.Namespace, out var service)
        && proxy.Subscriptions.Any(subscription => subscription.Service == service);
}
