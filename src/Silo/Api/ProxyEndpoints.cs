using Mesh.Abstractions.Access;
using Mesh.Abstractions.Proxies;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;

namespace Mesh.Silo.Api;

/// <summary>Who is connected, what each proxy has applied, and what it rejected and why.</summary>
internal static class ProxyEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/v1/proxies", List)
            .Needs(ApiRole.Viewer, ApiScope.Somewhere)
            .Describe("List the proxies and what each has applied or rejected", QueryNames.Watch)
            .Produces<ItemList<ProxyView>>();
        api.MapGet("/v1/proxies/{proxy}", Get)
            .Needs(ApiRole.Viewer, ApiScope.Somewhere)
            .Describe("Read what a proxy has applied or rejected", QueryNames.Watch)
            .Produces<ProxyView>();
    }

    private static Task<IResult> List(HttpContext context, IProxyDirectory proxies, ResourceReader reader) => reader.Answer(
        context,
        async () => Representation.OfContent(new ItemList<ProxyView>(
            [.. (await proxies.List(context.RequestAborted)).Where(proxy => IsShown(context, proxy)).Select(proxy => Show(context, proxy))])),
        WatchScope.Polled,
        "");

    /// <summary>Proxies of the namespaces that one may read; what such a proxy uses is shown with it.</summary>
    private static bool IsShown(HttpContext context, ProxyView proxy) => context.Principal().May(ApiRole.Viewer, proxy.Proxy.Namespace);

    /// <summary>Why a proxy rejected a service tells what is in it, and that is for who may read the service.</summary>
    private static ProxyView Show(HttpContext context, ProxyView proxy) => proxy with
    {
        Subscriptions = [.. proxy.Subscriptions.Select(used => used.Rejected is { } rejected && !context.Principal().May(ApiRole.Viewer, used.Service.Namespace)
            ? used with { Rejected = rejected with { Reason = $"who may read {used.Service} is told why" } }
            : used)],
    };

    private static Task<IResult> Get(HttpContext context, IProxyDirectory proxies, ResourceReader reader)
    {
        var id = context.Request.ProxyId();
        return reader.Answer(
            context,
            async () => await proxies.Find(id, context.RequestAborted) is { } proxy && IsShown(context, proxy) ? Representation.OfContent(Show(context, proxy)) : null,
            WatchScope.Polled,
            "There is no such proxy; /v1/proxies lists those there are.");
    }
}
