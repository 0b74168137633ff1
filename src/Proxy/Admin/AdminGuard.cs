using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Naming;
using Mesh.Proxy.Listeners;

namespace Mesh.Proxy.Admin;

/// <summary>
/// Who may read the admin pages. With a token, what is more than probes and measurements needs it. Without, on loopback, whoever
/// is on the machine may, but no web page that somebody there happens to visit.
/// </summary>
/// <exception cref="ListenerException">The file of the token cannot be used.</exception>
internal sealed class AdminGuard(DataPathOptions options, TimeProvider time, ILogger<AdminGuard> logger)
{
    private const string Scheme = "Bearer ";
    private const int MostFailures = 10;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly TokenFile? _token = options.AdminTokenFile is { } file ? AdminToken.Open(file, time, logger) : null;
    private readonly Lock _lock = new();
    private long _since = time.GetTimestamp();
    private int _failures;

    /// <returns>Null when the request may be answered; else a status and why not.</returns>
    public (int Status, string Problem)? Check(HttpRequest request)
    {
        if (request.Path.Value is "/healthz" or "/readyz" or "/metrics")
        {
            return null;
        }

        return _token is null ? CheckOrigin(request) : CheckToken(request, _token);
    }

    private static (int, string)? CheckOrigin(HttpRequest request)
    {
        if (!Loopback.IsHost(request.Host.Host))
        {
            return (StatusCodes.Status403Forbidden, "the Host must be localhost or a loopback address: who else calls, calls a name that somebody pointed here");
        }

        var isForeign = (request.Headers["sec-fetch-site"] is [{ } site] && site is not ("same-origin" or "none"))
            || (request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host}");
        return isForeign || request.Headers.Origin.Count > 1
            ? (StatusCodes.Status403Forbidden, "pages of other origins may not ask this (Origin, Sec-Fetch-Site)")
            : null;
    }

    private (int, string)? CheckToken(HttpRequest request, TokenFile token)
    {
        if (request.Headers.Authorization is [{ } text] && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && token.Has(text[Scheme.Length..].Trim()))
        {
            return null;
        }

        lock (_lock)
        {
            if (time.GetElapsedTime(_since) >= Period)
            {
                (_since, _failures) = (time.GetTimestamp(), 0);
            }

            // Those who send nothing are not guessing.
            _failures = Math.Min(_failures + (request.Headers.Authorization.Count > 0 ? 1 : 0), MostFailures + 1);
            return _failures > MostFailures
                ? (StatusCodes.Status429TooManyRequests, "too many wrong tokens; try again in a minute")
                : (StatusCodes.Status401Unauthorized, "this page needs the token in Mesh:Admin:TokenFile, as Authorization: Bearer");
        }
    }
}
