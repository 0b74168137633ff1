using System.Globalization;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Sessions;

/// <summary>A rule's session persistence, compiled (GEP-1619). Immutable.</summary>
internal sealed class SessionPolicy
{
    private readonly BackendModel[] _backends;
    private readonly ulong[] _identities;
    private readonly bool _isHeader;
    private readonly string _name;
    private readonly string _attributes;
    private readonly long _lifetime;

    /// <param name="backends">Those of the rule.</param>
    /// <exception cref="ArgumentException">A name or a path is not one.</exception>
    public SessionPolicy(SessionPersistence policy, BackendModel[] backends)
    {
        var cookie = policy.Cookie ?? new SessionCookie();
        _backends = backends;
        _identities = Array.ConvertAll(backends, static backend => TextHash.Of($"{backend.Service.Name} {backend.RequiredLabels}"));
        _isHeader = policy.Type == SessionPersistenceType.Header;
        _name = _isHeader ? (policy.Header ?? new SessionHeader()).Name : cookie.Name;
        _lifetime = policy.AbsoluteTimeout is { } timeout ? Math.Max(1, (long)timeout.TotalSeconds) : 0;
        if (!HttpToken.IsValid(_name))
        {
            throw new ArgumentException($"sessionPersistence: '{_name}' is not the name of a header or cookie");
        }

        if (!cookie.Path.StartsWith('/') || cookie.Path.AsSpan().ContainsAnyExceptInRange('!', '~') || cookie.Path.Contains(';', StringComparison.Ordinal))
        {
            throw new ArgumentException($"sessionPersistence: '{cookie.Path}' is not the path of a cookie");
        }

        var age = cookie.LifetimeType == CookieLifetime.Permanent && _lifetime > 0
            ? string.Create(CultureInfo.InvariantCulture, $"; Max-Age={_lifetime}")
            : "";
        _attributes = $"; Path={cookie.Path}{age}; HttpOnly; SameSite=Lax";
    }

    /// <summary>What the request shows of a session that is not over and whose backend the rule still has.</summary>
    public SessionToken? Read(HttpRequest request, TimeProvider time)
    {
        var text = _isHeader
            ? (request.Headers.TryGetValue(_name, out var values) ? values[0] : "").AsSpan()
            : RequestCookie.Find(request.Headers.Cookie, _name);
        return SessionToken.TryParse(text, out var token) && IsCurrent(token, time) && BackendOf(token) is not null ? token : null;
    }

    /// <summary>The backend a session is at, also when its weight is 0 by now: that is for new sessions.</summary>
    public BackendModel? BackendOf(SessionToken token)
    {
        var index = Array.IndexOf(_identities, token.Backend);
        return index < 0 ? null : _backends[index];
    }

    /// <summary>
    /// Tells the client where its session is: in a cookie when that is new to it, in a header every time. Nobody begins a
    /// session where it was refused.
    /// </summary>
    /// <param name="held">What the request showed.</param>
    public void Write(HttpResponse response, SessionToken? held, BackendModel backend, UpstreamEndpoint endpoint, TimeProvider time)
    {
        // What an override sent elsewhere is no session of this rule.
        var index = Array.IndexOf(_backends, backend);
        if (index < 0 || response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            return;
        }

        var identity = (_identities[index], endpoint.IdentityHash);
        var goesOn = held is { } known && (known.Backend, known.Endpoint) == identity;
        if (_isHeader)
        {
            response.Headers[_name] = (goesOn ? held!.Value : New(identity, time)).ToString();
        }
        else if (!goesOn)
        {
            response.Headers.Append("Set-Cookie", $"{_name}={New(identity, time)}{_attributes}");
        }
    }

    private SessionToken New((ulong Backend, ulong Endpoint) identity, TimeProvider time) =>
        new(identity.Backend, identity.Endpoint, _lifetime == 0 ? 0 : Now(time) + _lifetime);

    /// <summary>Nobody can give himself more time than the rule does.</summary>
    private bool IsCurrent(SessionToken token, TimeProvider time) => _lifetime == 0
        ? token.Expires == 0 || token.Expires > Now(time)
        : token.Expires > Now(time) && token.Expires <= Now(time) + _lifetime;

    private static long Now(TimeProvider time) => time.GetUtcNow().ToUnixTimeSeconds();
}
