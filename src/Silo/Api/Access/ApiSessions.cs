using System.Buffers.Text;
using System.Security.Cryptography;
using Mesh.Abstractions.Json;
using Mesh.Grains.Identity;
using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Access;

/// <summary>
/// Sessions of browsers, in a cookie that is encrypted by the silos' keys (ASP.NET Data Protection), that no script can read
/// and no other site's page makes a browser send.
/// </summary>
internal sealed class ApiSessions(ISessionProtector protector, ApiAccessSettings settings, TimeProvider time)
{
    public const string CsrfHeader = "mesh-csrf";

    public const string Cookie = "mesh-session";

    /// <summary>Browsers drop a longer cookie without a word (RFC 6265, section 6.1, counts its name and attributes as well).</summary>
    private const int MaxLength = 4096 - 256;

    public static TimeSpan Length { get; } = TimeSpan.FromHours(8);

    /// <returns>Null when there is none that is good.</returns>
    public ApiSession? Read(HttpContext context)
    {
        if (context.Features.Get<RequestSession>() is not { } known)
        {
            known = new RequestSession(Decrypt(context.Request));
            context.Features.Set(known);
        }

        return known.Session is { } session && time.GetUtcNow() < session.ExpiresAt ? session : null;
    }

    /// <exception cref="ApiException">The token is too long for a cookie.</exception>
    /// <exception cref="AuthorityException">The keys cannot be used.</exception>
    public ApiSession Begin(HttpContext context, string token)
    {
        var session = new ApiSession(token, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), time.GetUtcNow() + Length);
        var text = Base64Url.EncodeToString(protector.Protect(MeshJson.Encode(session)));
        if (text.Length > MaxLength)
        {
            throw ApiException.BadRequest(
                "This token is too long for a browser's cookie. Begin the session with a token that POST /v1/tokens made, or have the issuer put fewer claims into its own.");
        }

        context.Response.Cookies.Append(Cookie, text, Options(context, session.ExpiresAt));
        return session;
    }

    public void End(HttpContext context) => context.Response.Cookies.Delete(Cookie, Options(context, expires: null));

    private CookieOptions Options(HttpContext context, DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps || settings.IsCookieSecure,
        Path = "/",
        Expires = expires,
    };

    private ApiSession? Decrypt(HttpRequest request)
    {
        if (request.Cookies[Cookie] is not { Length: > 0 and <= MaxLength } text)
        {
            return null;
        }

        try
        {
            return MeshJson.Decode<ApiSession>(protector.Unprotect(Base64Url.DecodeFromChars(text)));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or System.Text.Json.JsonException or AuthorityException)
        {
            return null;
        }
    }

    /// <summary>What a request's cookie holds, so that it is decrypted once however often it is looked at.</summary>
    private sealed record RequestSession(ApiSession? Session);
}
