using Mesh.Abstractions.Naming;

namespace Mesh.Silo.Api.Requests;

/// <summary>The parts of a request that <see cref="RequestRules"/> has checked.</summary>
internal static class RequestValues
{
    public static ServiceName Service(this HttpRequest request) => new(request.Text(PathNames.Namespace), request.Text(PathNames.Service));

    public static string Namespace(this HttpRequest request) => request.Text(PathNames.Namespace);

    public static string Rule(this HttpRequest request) => request.Text(PathNames.Rule);

    public static string EndpointId(this HttpRequest request) => request.Text(PathNames.Endpoint);

    public static string ProxyId(this HttpRequest request) => request.Text(PathNames.Proxy);

    public static string TokenId(this HttpRequest request) => request.Text(PathNames.Token);

    public static long Revision(this HttpRequest request) =>
        PathNames.TryReadRevision(request.Text(PathNames.Revision), out var revision) ? revision : 0;

    public static bool IsDryRun(this HttpRequest request) => request.Query[QueryNames.DryRun] == "true";

    public static bool IsWatch(this HttpRequest request) => request.Query[QueryNames.Watch] == "true";

    private static string Text(this HttpRequest request, string name) => (string)request.RouteValues[name]!;
}
