using System.Globalization;
using Mesh.Abstractions.Routing;
using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Filters;

/// <summary>A compiled <see cref="RequestRedirect"/>.</summary>
internal sealed class RedirectFilter
{
    private readonly string? _scheme;
    private readonly string? _host;
    private readonly int? _port;
    private readonly int _status;
    private readonly PathChange? _path;

    /// <param name="matches">Those of the rule.</param>
    /// <exception cref="ArgumentException">It leads nowhere.</exception>
    public RedirectFilter(RequestRedirect redirect, IReadOnlyList<RouteMatch> matches)
    {
        if (redirect.StatusCode is < 300 or > 399 || redirect.Scheme is not (null or "http" or "https"))
        {
            throw new ArgumentException($"status {redirect.StatusCode}, scheme '{redirect.Scheme}': not a redirect");
        }

        _scheme = redirect.Scheme;
        _host = redirect.Hostname;
        _port = redirect.Port;
        _status = redirect.StatusCode;
        _path = redirect.Path is null ? null : PathChange.Create(redirect.Path, matches);
    }

    public void Answer(HttpContext context, int prefixSegments)
    {
        context.Response.StatusCode = _status;
        context.Response.Headers.Location = Location(context, prefixSegments);
        context.Response.ContentLength = 0;
    }

    /// <summary>
    /// The absolute URI. Its port is the one that is given, else the scheme's own when a scheme is given, else the
    /// request's; a scheme's own port is left out (Gateway API, <c>HTTPRequestRedirectFilter.port</c>).
    /// </summary>
    public string Location(HttpContext context, int prefixSegments)
    {
        var request = context.Request;
        var scheme = _scheme ?? request.Scheme;
        var port = _port ?? (_scheme is null ? request.Host.Port : null);
        var authority = port is { } explicitly && explicitly != DefaultPort(scheme)
            ? string.Create(CultureInfo.InvariantCulture, $"{_host ?? request.Host.Host}:{explicitly}")
            : _host ?? request.Host.Host;
        var target = RequestTarget.PathAndQuery(context);
        return $"{scheme}://{authority}{_path?.Apply(target, prefixSegments) ?? target}";
    }

    private static int DefaultPort(string scheme) => string.Equals(scheme, "https", StringComparison.OrdinalIgnoreCase) ? 443 : 80;
}
