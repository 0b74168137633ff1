using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>How sessions are kept (GEP-1619): the member that belongs to the type, with names that can be sent.</summary>
internal static class SessionPersistenceValidator
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);

    /// <summary>400 days: browsers keep no cookie for longer.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(400);

    public static void Validate(SessionPersistence session, JsonPath path, SpecErrors errors)
    {
        if (errors.IsMalformed(path.Field("type")))
        {
            return;
        }

        if (session.AbsoluteTimeout is { } timeout)
        {
            Bounds.CheckRange(timeout, ShortestTimeout, LongestTimeout, path.Field("absoluteTimeout"), errors);
        }

        if (session.Cookie is { } cookie)
        {
            ValidateCookie(cookie, session, path.Field("cookie"), errors);
        }

        if (session.Header is { } header)
        {
            if (session.Type != SessionPersistenceType.Header)
            {
                errors.Add(path.Field("header"), "belongs to sessions of type Header only");
            }
            else if (HeaderRules.ExplainUnmodifiable(header.Name) is { } problem)
            {
                errors.Add(path.Field("header").Field("name"), problem);
            }
        }
    }

    private static void ValidateCookie(SessionCookie cookie, SessionPersistence session, JsonPath path, SpecErrors errors)
    {
        if (session.Type != SessionPersistenceType.Cookie)
        {
            errors.Add(path, "belongs to sessions of type Cookie only");
            return;
        }

        if (!HttpToken.IsValid(cookie.Name) || cookie.Name.Length > SpecLimits.HeaderNameLength)
        {
            errors.Add(path.Field("name"), $"{Bounds.Quote(cookie.Name)} is not a cookie's name: use letters, digits and !#$%&'*+-.^_`|~ only");
        }

        if (cookie.Path.Length is 0 or > SpecLimits.PathLength || cookie.Path[0] != '/' || cookie.Path.AsSpan().ContainsAnyExceptInRange('!', '~')
            || cookie.Path.Contains(';', StringComparison.Ordinal))
        {
            errors.Add(path.Field("path"), "must start with '/' and hold visible ASCII characters other than ';' only");
        }

        if (cookie.LifetimeType == CookieLifetime.Permanent && session.AbsoluteTimeout is null)
        {
            errors.Add(path.Field("lifetimeType"), "Permanent needs \"absoluteTimeout\", which says for how long");
        }
    }
}
