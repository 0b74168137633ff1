using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Naming;
using Mesh.Proxy.Listeners;

namespace Mesh.Proxy.Admin;

/// <summary>
/// Who may read the admin pages. With a token, what is more than probes and measurements needs it. Without, on loopback, whoever
/// is on the machine may, but no web page that somebody there happens to visit. What changes something or shows headers always
/// needs the token.
/// </summary>
/// <exception cref="ListenerException">The file of the token cannot be used.</exception>
internal sealed class AdminGuard(DataPathOptions options, FailedLogins failures, TimeProvider time, ILogger<AdminGuard> logger)
{
    private const string OtherOrigin = "pages of other origins may not ask this (Origin, Sec-Fetch-Site)";

    private readonly TokenFile? _token = options.AdminTokenFile is { } file ? AdminToken.Open(file, time, logger) : null;

    /// <returns>Null when the request may be answered.</returns>
    public AdminRefusal? Check(HttpContext context)
    {
        if (context.Request.Path.Value is "/healthz" or "/readyz" or "/metrics")
        {
            return null;
        }

        return _token is null ? CheckOrigin(context.Request) : CheckToken(context, _token);
    }

    /// <summary>
    /// For what changes something or shows headers: to be on the machine is not enough, since whoever is there could stop other
    /// users' proxies, and read what their callers send.
    /// </summary>
    /// <returns>Null when it may be done.</returns>
    public AdminRefusal? CheckSensitive(HttpContext context)
    {
        if (_token is null)
        {
            return Forbid("what changes something or shows headers always needs a token: name a file with one of at least 32 characters in Mesh:Admin:TokenFile");
        }

        // No page of another origin has the token. One that somehow had it, or a browser extension that adds it, is refused all the same.
        return IsOfAnotherOrigin(context.Request) ? Forbid(OtherOrigin) : CheckToken(context, _token);
    }

    private static AdminRefusal? CheckOrigin(HttpRequest request)
    {
        if (!Loopback.IsHost(request.Host.Host))
        {
            return Forbid("the Host must be localhost or a loopback address: who else calls, calls a name that somebody pointed here");
        }

        return IsOfAnotherOrigin(request) ? Forbid(OtherOrigin) : null;
    }

    /// <summary>Whether a web page that is not one of these pages has a browser send it.</summary>
    private static bool IsOfAnotherOrigin(HttpRequest request) =>
        request.Headers["sec-fetch-site"].Any(static site => site is not ("same-origin" or "none"))
        || request.Headers.Origin.Count > 1
        || (request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host}");

    private static AdminRefusal Forbid(string problem) => new(StatusCodes.Status403Forbidden, problem);

    private AdminRefusal? CheckToken(HttpContext context, TokenFile token)
    {
        var authorization = context.Request.Headers.Authorization;
        if (authorization is [{ } text] && BearerToken.TryRead(text, out var presented) && token.Has(presented.ToString()))
        {
            return null;
        }

        // Those who send nothing are not guessing.
        var isGuess = authorization.Count > 0;
        return isGuess && failures.Count(context.Connection.RemoteIpAddress) is { } wait
            ? new(StatusCodes.Status429TooManyRequests, "too many tokens from this address were wrong; the right one is still taken") { Wait = wait }
            : new(StatusCodes.Status401Unauthorized, "this page needs the token in Mesh:Admin:TokenFile, as Authorization: Bearer")
            {
                Challenge = isGuess ? "Bearer error=\"invalid_token\"" : "Bearer",
            };
    }
}
