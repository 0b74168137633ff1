using System.Security.Cryptography;
using Mesh.Abstractions.Json;
using Mesh.Grains.Identity;

namespace Mesh.Silo.Api.Access;

/// <summary>
/// Sessions of browsers, in a cookie that is encrypted by the silos' keys (ASP.NET Data Protection), that no script can read
/// and no other site's page makes a browser send.
/// </summary>
internal sealed class ApiSessions(ISessionProtector protector, TimeProvider time)
{
    public const string CsrfHeader = "mesh-csrf";

    private const string Cookie = "mesh-session";
    private const int MaxLength = 32 * 1024;

    public static TimeSpan Length { get; } = TimeSpan.FromHours(8);

    /// <returns>Null when there is none that is good.</returns>
    public ApiSession? Read(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 and <= MaxLength } text)
        {
            return null;
        }

        try
        {
            var session = MeshJson.Decode<ApiSession>(protector.Unprotect(Convert.FromBase64String(text)));
            return time.GetUtcNow() < session.ExpiresAt ? session : null;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or System.Text.Json.JsonException or AuthorityException)
        {
            return null;
        }
    }

    /// <exception cref="AuthorityException">The keys cannot be used.</exception>
    public ApiSession Begin(HttpContext context, string token)
    {
        var session = new ApiSession(token, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), time.GetUtcNow() + Length);
        context.Response.Cookies.Append(Cookie, Convert.ToBase64String(protector.Protect(MeshJson.Encode(session))), Options(context, session.ExpiresAt));
        return session;
    }

    public static void End(HttpContext context) => context.Response.Cookies.Delete(Cookie, Options(context, expires: null));

    private static CookieOptions Options(HttpContext context, DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        Expires = expires,
    };
}
