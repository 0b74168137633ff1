using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>The URI to ask an endpoint for.</summary>
internal static class RequestTarget
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public const string NoTunnels = "CONNECT is for the outbound listener";

    /// <summary>Asks for a blind tunnel, unlike a WebSocket over HTTP/2 (RFC 8441), which is a CONNECT too.</summary>
    public static bool IsTunnel(HttpContext context) =>
        HttpMethods.IsConnect(context.Request.Method)
        && context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect != true;

    /// <summary>
    /// Path and query, byte for byte as the application sent them: decoding and encoding again would break signatures
    /// over the URL. Only a target that rules did not see as it is, such as one with dot segments, is built anew from what
    /// they saw.
    /// </summary>
    public static string PathAndQuery(HttpContext context)
    {
        var raw = OriginForm(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
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

    /// <summary>
    /// Whether servers may differ on which path this is. Dot segments by themselves are resolved before rules look,
    /// and sent on resolved; but some servers take <c>\</c>, <c>%2F</c> or <c>%5C</c> for a slash as well, and some cut off
    /// what follows a <c>;</c> in a segment before they look for dots. A whole URI (RFC 9112, section 3.2.2) ends at a
    /// <c>#</c> for some and not for others.
    /// </summary>
    /// <param name="raw">The target as sent.</param>
    public static bool IsAmbiguous(string raw)
    {
        var path = raw.AsSpan();
        if (!raw.StartsWith('/') && path.Contains('#'))
        {
            return true;
        }

        if (path.IndexOf('?') is >= 0 and var query)
        {
            path = path[..query];
        }

        return path.Contains('\\')
            || (path.ContainsAny('%', ';') && HasHiddenDots(path));
    }

    /// <summary>
    /// Lets rules see of a whole URI what they see of a path alone. Kestrel decodes an encoded slash in the former, and keeps
    /// it in the latter; the endpoint gets it as it is.
    /// </summary>
    public static void KeepEncodedSlashes(HttpRequest request, string raw)
    {
        if (!raw.StartsWith('/') && raw.Contains("%2f", StringComparison.OrdinalIgnoreCase))
        {
            request.Path = PathString.FromUriComponent(new Uri($"http://-{OriginForm(raw)}"));
        }
    }

    private static bool HasHiddenDots(ReadOnlySpan<char> path)
    {
        while (!path.IsEmpty)
        {
            var length = SegmentLength(path, out var separator);
            if (IsDots(path[..length], out var hasParameter) && (hasParameter || separator == 3))
            {
                return true;
            }

            // A segment of dots is hidden by an encoded slash on either side.
            path = path[(length + separator)..];
            if (separator == 3 && IsDots(path[..SegmentLength(path, out _)], out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="separator">The length of what ends the segment: 1 for a slash, 3 for an encoded one or a backslash, 0 at the end.</param>
    private static int SegmentLength(ReadOnlySpan<char> path, out int separator)
    {
        for (var i = 0; i < path.Length; i++)
        {
            separator = path[i] == '/' ? 1 : path[i] == '%' && IsEncoded(path[i..], "2f", "5c") ? 3 : 0;
            if (separator > 0)
            {
                return i;
            }
        }

        separator = 0;
        return path.Length;
    }

    /// <summary>One dot or two, each of which may be encoded, perhaps with a parameter.</summary>
    private static bool IsDots(ReadOnlySpan<char> segment, out bool hasParameter)
    {
        hasParameter = false;
        var dots = 0;
        while (!segment.IsEmpty)
        {
            if (segment[0] == ';' || IsEncoded(segment, "3b", "3b"))
            {
                hasParameter = true;
                break;
            }

            var length = segment[0] == '.' ? 1 : IsEncoded(segment, "2e", "2e") ? 3 : 0;
            if (length == 0)
            {
                return false;
            }

            dots++;
            segment = segment[length..];
        }

        return dots is 1 or 2;
    }

    private static bool IsEncoded(ReadOnlySpan<char> text, string one, string other) =>
        text.Length >= 3 && text[0] == '%'
        && (text[1..3].Equals(one, StringComparison.OrdinalIgnoreCase) || text[1..3].Equals(other, StringComparison.OrdinalIgnoreCase));

    /// <summary>Without the scheme and the authority that a request to a proxy has (RFC 9112, section 3.2.2).</summary>
    private static string OriginForm(string raw)
    {
        if (raw.Length == 0 || raw[0] == '/' || raw.IndexOf("://", StringComparison.Ordinal) is not (> 0 and var scheme))
        {
            return raw;
        }

        var authority = scheme + 3;
        var end = raw.AsSpan(authority).IndexOfAny('/', '?');
        return end < 0 ? "/" : raw[authority + end] == '/' ? raw[(authority + end)..] : $"/{raw[(authority + end)..]}";
    }

    /// <summary>An origin-form target of visible ASCII without a hidden or open dot segment.</summary>
    private static bool IsSafe(string raw) =>
        raw.Length > 0
        && raw[0] == '/'
        && !raw.AsSpan().ContainsAnyExceptInRange('!', '~')
        && !raw.Contains('#', StringComparison.Ordinal)
        && !raw.Contains("/.", StringComparison.Ordinal)
        && !raw.Contains("%2e", StringComparison.OrdinalIgnoreCase);
}
