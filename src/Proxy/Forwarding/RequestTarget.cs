using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>The URI to ask an endpoint for.</summary>
internal static class RequestTarget
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public const string NoTunnels = "CONNECT is not supported: send the request itself, with the service as its Host";

    /// <summary>Asks for a blind tunnel, unlike a WebSocket over HTTP/2 (RFC 8441), which is a CONNECT too.</summary>
    public static bool IsTunnel(HttpContext context) =>
        HttpMethods.IsConnect(context.Request.Method)
        && context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect != true;

    /// <summary>
    /// Path and query, byte for byte as the application sent them: decoding and encoding again would break signatures
    /// over the URL. Only a target that rules did not see as it is, such as one with dot segments or an absolute URI, is
    /// built anew from what they saw.
    /// </summary>
    public static string PathAndQuery(HttpContext context)
    {
        var raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        return IsSafe(raw)
            ? raw
            : RequestUtilities.MakeDestinationAddress("http://-", context.Request.Path, context.Request.QueryString).PathAndQuery;
    }

    /// <summary>Path and query as the rule has an endpoint asked for them.</summary>
    public static string PathAndQuery(OutboundCall call) => call.Changes?.Rewrite?.Path is { } change
        ? change.Apply(PathAndQuery(call.Context), call.PrefixSegments)
        : PathAndQuery(call.Context);

    /// <param name="prefix">An endpoint's scheme and address.</param>
    public static Uri Combine(string prefix, string pathAndQuery) => new(string.Concat(prefix, pathAndQuery), AsItIs);

    /// <summary>An origin-form target of visible ASCII without a hidden or open dot segment.</summary>
    private static bool IsSafe(string raw) =>
        raw.Length > 0
        && raw[0] == '/'
        && !raw.AsSpan().ContainsAnyExceptInRange('!', '~')
        && !raw.Contains('#', StringComparison.Ordinal)
        && !raw.Contains("/.", StringComparison.Ordinal)
        && !raw.Contains("%2e", StringComparison.OrdinalIgnoreCase);
}
