using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Grains;
using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Access;

/// <summary>Finds out who sends a request.</summary>
internal sealed class ApiAuthenticator(
    ApiAccessSettings settings, IEnumerable<IBearerAuthenticator> kinds, ApiSessions sessions, FailedLogins failures, TimeProvider time)
{
    private readonly IBearerAuthenticator[] _kinds = [.. kinds];

    /// <returns>Null when the request does not say.</returns>
    /// <exception cref="ApiException">What it says is no good (401, 429), or cannot be judged now (503).</exception>
    public async ValueTask<ApiPrincipal?> Authenticate(HttpContext context)
    {
        var credentials = ApiCredentials.Of(context.Request);
        if (credentials.IsMalformed)
        {
            throw Fail(context, "The header Authorization must be \"Bearer \" and one token.");
        }

        if (credentials.Bearer is { } bearer)
        {
            return await Find(bearer, context.RequestAborted) ?? throw Fail(context, "The token is not known: mistyped, expired or revoked.");
        }

        if (sessions.Read(context) is { } session)
        {
            return await Find(session.Token, context.RequestAborted) ?? throw Fail(context, "The session has ended: its token has expired or was revoked. Log in again.");
        }

        return OfCertificate(context);
    }

    /// <summary>Whether who sent a request, that is still being answered, would still be let in.</summary>
    public async ValueTask<bool> IsStillGood(HttpContext context)
    {
        var bearer = ApiCredentials.Of(context.Request).Bearer ?? sessions.Read(context)?.Token;
        try
        {
            if (bearer is not null)
            {
                if (await Find(bearer, context.RequestAborted, context.Features.Get<ApiPrincipal>()) is not { } found)
                {
                    return false;
                }

                context.Features.Set(found);
                return true;
            }

            // Who has neither any more had a session, which has ended, or came by a certificate.
            return context.Principal().IsOfCertificate && context.Connection.ClientCertificate is { } certificate && !HasExpired(certificate);
        }
        catch (ApiException)
        {
            // It cannot be judged now; a stream that was good goes on.
            return true;
        }
    }

    private bool HasExpired(X509Certificate2 certificate) => time.GetUtcNow().UtcDateTime >= certificate.NotAfter.ToUniversalTime();

    private ApiException Fail(HttpContext context, string detail) => failures.Count(context.Connection.RemoteIpAddress) is { } wait
        ? ApiException.TooManyFailures(wait)
        : ApiException.Unauthenticated(detail, isInvalid: true);

    private async ValueTask<ApiPrincipal?> Find(string token, CancellationToken cancellationToken, ApiPrincipal? known = null)
    {
        try
        {
            foreach (var kind in _kinds)
            {
                if (await (known is null ? kind.Find(token, cancellationToken) : kind.FindAgain(token, known, cancellationToken)) is { } principal)
                {
                    return principal;
                }
            }

            return null;
        }
        catch (StoreUnavailableException exception)
        {
            throw ApiException.Unavailable(exception.Message);
        }
    }

    /// <summary>TLS has checked who signed it.</summary>
    private ApiPrincipal? OfCertificate(HttpContext context)
    {
        if (settings.Certificates.Count == 0 || context.Connection.ClientCertificate is not { } certificate)
        {
            return null;
        }

        if (HasExpired(certificate))
        {
            // TLS looked at it when the connection began, which may be long ago.
            throw Fail(context, "The client certificate has expired.");
        }

        try
        {
            var names = CertificateGrant.NamesOf(certificate).ToHashSet(StringComparer.Ordinal);
            var grants = settings.Certificates.Where(grant => names.Contains(grant.Name)).ToList();
            return grants.Count == 0
                ? throw Fail(context, "The client certificate is of nobody who may use this API (Mesh:Api:Auth:Certificates).")
                : new ApiPrincipal($"cert:{grants[0].Name}", [.. grants.Select(static grant => grant.Grant)]) { IsOfCertificate = true };
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            throw Fail(context, "The client certificate cannot be read.");
        }
    }
}
