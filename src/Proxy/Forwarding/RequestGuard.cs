using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// Refuses what Kestrel lets pass and another server may understand in another way, so that no request is one to the
/// rules and another to the endpoint. What is for this hop only ends here.
/// </summary>
internal static class RequestGuard
{
    /// <summary>Where Kestrel puts the Content-Length of a request that has a Transfer-Encoding as well.</summary>
    private const string HiddenLength = "X-Content-Length";

    /// <returns>What is wrong with the request; null when nothing is.</returns>
    public static string? Check(HttpRequest request)
    {
        if (request.Headers.TransferEncoding.Count > 0 && CheckCoding(request) is { } problem)
        {
            return problem;
        }

        if (HttpProtocol.IsHttp2(request.Protocol) && IsForOneHop(request.Headers))
        {
            return "the request has a header about its connection, which HTTP/2 does not allow (RFC 9113, section 8.2.2)";
        }

        if (HttpMethods.IsConnect(request.Method) && request.HttpContext.Features.Get<IHttpExtendedConnectFeature>()?.Protocol is not ("websocket" or null) and var protocol)
        {
            return $"the request asks for the protocol '{protocol}' by an extended CONNECT, and only websocket passes (RFC 8441)";
        }

        if (request.Headers.Upgrade.Count > 0 && !HttpMethods.IsGet(request.Method) && IsUpgrade(request.HttpContext))
        {
            return $"the request upgrades its connection by {request.Method}, and only GET can (RFC 6455, section 4.1)";
        }

        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (RequestTarget.IsAmbiguous(target))
        {
            return "the path can be understood in more than one way: it has a backslash, or dot segments next to an encoded slash or a ';', "
                + "or the target is a whole URI with a '#'";
        }

        RequestTarget.KeepEncodedSlashes(request, target);
        HopByHop.Remove(request.Headers);
        return null;
    }

    /// <summary>To what YARP passes on. It does so by GET, whatever the method was that rules saw.</summary>
    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
        && context.Request.Headers.Upgrade.ToString() is var protocols
        && (protocols.Contains("websocket", StringComparison.OrdinalIgnoreCase) || protocols.Contains("SPDY/", StringComparison.OrdinalIgnoreCase));

    /// <summary>The others of these Kestrel refuses itself.</summary>
    private static bool IsForOneHop(IHeaderDictionary headers) =>
        headers.KeepAlive.Count > 0 || headers.ProxyConnection.Count > 0 || headers.Upgrade.Count > 0;

    /// <summary>RFC 9112, section 6.1.</summary>
    private static string? CheckCoding(HttpRequest request)
    {
        var codings = request.Headers.TransferEncoding;
        return codings.Count != 1 || !string.Equals(codings[0], "chunked", StringComparison.OrdinalIgnoreCase)
            ? $"the Transfer-Encoding '{codings}' is not exactly 'chunked'"
            : !HttpProtocol.IsHttp11(request.Protocol) ? $"{request.Protocol} has no Transfer-Encoding"
            : request.Headers.ContainsKey(HiddenLength) ? "the request has both a Content-Length and a Transfer-Encoding"
            : null;
    }
}
