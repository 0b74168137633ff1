using System.Globalization;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Validation;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Proxy.Filters;

/// <summary>
/// A compiled <see cref="CorsPolicy"/> (Fetch standard, "CORS protocol"; Gateway API, <c>HTTPCORSFilter</c>). It answers
/// preflight requests and owns the CORS headers of all other answers: those of endpoints are replaced, also where the
/// origin is not allowed. It denies nothing by itself; that is the browser's part.
/// </summary>
internal sealed class CorsFilter
{
    private const string Everything = "*";

    private readonly CorsOrigin[] _origins;
    private readonly bool _allowsEveryOrigin;
    private readonly bool _allowsCredentials;
    private readonly string? _methods;
    private readonly string? _headers;
    private readonly string? _exposed;
    private readonly string _maxAge;

    /// <exception cref="ArgumentException">An origin is not one.</exception>
    public CorsFilter(CorsPolicy policy)
    {
        _allowsEveryOrigin = policy.AllowOrigins.Contains(Everything);
        _origins = _allowsEveryOrigin ? [] : [.. policy.AllowOrigins.Select(static text =>
            CorsOrigin.TryParse(text, out var origin) ? origin : throw new ArgumentException($"'{text}' is not an origin"))];
        _allowsCredentials = policy.AllowCredentials;
        _methods = Join(policy.AllowMethods);
        _headers = Join(policy.AllowHeaders);
        _exposed = Join(policy.ExposeHeaders);
        _maxAge = policy.MaxAge.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a browser asks before it sends the real request.</summary>
    public static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method)
        && request.Headers.Origin.Count > 0
        && request.Headers.AccessControlRequestMethod.Count > 0;

    /// <summary>Answers a preflight request: 204, with the headers that allow it where the origin is allowed.</summary>
    public void AnswerPreflight(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        WritePreflight(context.Request.Headers, context.Response.Headers);
    }

    /// <summary>The headers of a preflight's answer.</summary>
    public void WritePreflight(IHeaderDictionary request, IHeaderDictionary response)
    {
        Vary(response);
        if (!WriteOrigin(request, response))
        {
            return;
        }

        // With credentials, browsers take "*" for the name of a method or header; what is asked for stands in its place.
        response.AccessControlAllowMethods = _methods == Everything && _allowsCredentials ? request.AccessControlRequestMethod : _methods;

        // Also without: "*" would leave out Authorization.
        response.AccessControlAllowHeaders = _headers == Everything ? request.AccessControlRequestHeaders : _headers;
        response.AccessControlMaxAge = _maxAge;
    }

    /// <summary>
    /// Sees to the headers of the answer to a request that is no preflight, wherever the answer comes from: an endpoint,
    /// another filter, or the proxy's own errors.
    /// </summary>
    public void Watch(HttpContext context) => context.Response.OnStarting(
        static state =>
        {
            var (filter, context) = ((CorsFilter, HttpContext))state;
            filter.Write(context.Request.Headers, context.Response.Headers);
            return Task.CompletedTask;
        },
        (this, context));

    /// <summary>The headers of a real answer.</summary>
    public void Write(IHeaderDictionary request, IHeaderDictionary response)
    {
        response.Remove(HeaderNames.AccessControlAllowOrigin);
        response.Remove(HeaderNames.AccessControlAllowCredentials);
        response.Remove(HeaderNames.AccessControlExposeHeaders);
        response.Remove(HeaderNames.AccessControlAllowMethods);
        response.Remove(HeaderNames.AccessControlAllowHeaders);
        response.Remove(HeaderNames.AccessControlMaxAge);
        Vary(response);
        if (!WriteOrigin(request, response) || _exposed is null)
        {
            return;
        }

        // With credentials "*" is a name, so the names that are there are given.
        response.AccessControlExposeHeaders = _exposed == Everything && _allowsCredentials
            ? string.Join(", ", response.Keys.Where(static name => !name.StartsWith("access-control-", StringComparison.OrdinalIgnoreCase)))
            : _exposed;
    }

    /// <returns>Whether the request's origin is allowed.</returns>
    private bool WriteOrigin(IHeaderDictionary request, IHeaderDictionary response)
    {
        if (request.Origin is not [{ Length: > 0 } origin] || !Allows(origin))
        {
            return false;
        }

        response.AccessControlAllowOrigin = _allowsEveryOrigin && !_allowsCredentials ? Everything : origin;
        if (_allowsCredentials)
        {
            response.AccessControlAllowCredentials = "true";
        }

        return true;
    }

    private bool Allows(string origin)
    {
        if (_allowsEveryOrigin)
        {
            return true;
        }

        foreach (var allowed in _origins)
        {
            if (allowed.Includes(origin))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Caches must keep the answers to different origins apart, and those to none.</summary>
    private static void Vary(IHeaderDictionary response)
    {
        foreach (var value in response.Vary)
        {
            foreach (var name in new StringTokenizer(value ?? "", [',']))
            {
                var trimmed = name.Trim();
                if (trimmed.Equals(HeaderNames.Origin, StringComparison.OrdinalIgnoreCase) || trimmed.Equals(Everything, StringComparison.Ordinal))
                {
                    return;
                }
            }
        }

        response.Vary = StringValues.Concat(response.Vary, HeaderNames.Origin);
    }

    private static string? Join(IReadOnlyList<string> items) =>
        items.Count == 0 ? null : items.Contains(Everything) ? Everything : string.Join(", ", items);
}
