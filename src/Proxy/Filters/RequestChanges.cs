using Mesh.Abstractions.Routing;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Filters;

/// <summary>What happens to a request on its way to an endpoint, and to the response on its way back. Immutable.</summary>
internal sealed class RequestChanges
{
    private RequestChanges()
    {
    }

    public HeaderChanges? RequestHeaders { get; private init; }

    public HeaderChanges? ResponseHeaders { get; private init; }

    public UrlRewriteFilter? Rewrite { get; private init; }

    /// <summary>Null when there are none.</summary>
    public MirrorTarget[]? Mirrors { get; private init; }

    /// <param name="filters">Of the rule, and after them those of the backend; later ones come on top of earlier ones.</param>
    /// <param name="matches">Those of the rule.</param>
    /// <returns>Null when nothing happens.</returns>
    /// <exception cref="ArgumentException">A filter cannot be used.</exception>
    public static RequestChanges? Create(
        IReadOnlyCollection<RouteFilter> filters, IReadOnlyList<RouteMatch> matches, Func<RequestMirror, MirrorTarget> mirror)
    {
        string? hostname = null;
        PathChange? path = null;
        foreach (var rewrite in filters.Select(static filter => filter.UrlRewrite).OfType<UrlRewrite>())
        {
            hostname = rewrite.Hostname ?? hostname;
            path = rewrite.Path is null ? path : PathChange.Create(rewrite.Path, matches);
        }

        var mirrors = filters.Select(static filter => filter.RequestMirror).OfType<RequestMirror>().Select(mirror).ToArray();
        var changes = new RequestChanges
        {
            RequestHeaders = HeaderChanges.Create(filters.Select(static filter => filter.RequestHeaderModifier).OfType<HeaderModifier>()),
            ResponseHeaders = HeaderChanges.Create(filters.Select(static filter => filter.ResponseHeaderModifier).OfType<HeaderModifier>()),
            Rewrite = hostname is null && path is null ? null : new UrlRewriteFilter(hostname, path),
            Mirrors = mirrors.Length == 0 ? null : mirrors,
        };
        return changes is { RequestHeaders: null, ResponseHeaders: null, Rewrite: null, Mirrors: null } ? null : changes;
    }

    /// <summary>Changes the headers of a request whose others are in place.</summary>
    public void Apply(HttpRequestMessage request)
    {
        if (Rewrite?.Hostname is { } host)
        {
            request.Headers.Host = host;
        }

        RequestHeaders?.Apply(request);
    }
}
