using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Routing;

/// <summary>What rules look at in a request, read once.</summary>
/// <param name="method">The method, as sent; of a WebSocket over HTTP/2, that of one over HTTP/1.1.</param>
/// <param name="path">The percent-decoded path, dot segments removed; an encoded slash stays encoded.</param>
/// <param name="query">The query as sent, with its question mark; empty when there is none.</param>
/// <param name="caller">The application that sent it.</param>
internal readonly ref struct RequestFacts(string method, string path, string query, IHeaderDictionary headers, CallerIdentity caller)
{
    public string Method { get; } = method;

    /// <summary>Never empty: <c>OPTIONS *</c> and an absolute URI without path mean the root.</summary>
    public string Path { get; } = path.Length == 0 ? "/" : path;

    public string Query { get; } = query;

    public IHeaderDictionary Headers { get; } = headers;

    public CallerIdentity Caller { get; } = caller;

    public static RequestFacts Of(HttpRequest request, CallerIdentity caller) => new(
        MethodOf(request), request.Path.Value ?? "", request.QueryString.Value ?? "", request.Headers, caller);

    /// <summary>An extended CONNECT (RFC 8441) asks for what GET asks for over HTTP/1.1, and becomes one on the way to such an endpoint.</summary>
    public static string MethodOf(HttpRequest request) =>
        HttpMethods.IsConnect(request.Method) && request.HttpContext.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true
            ? HttpMethods.Get
            : request.Method;
}
