using Mesh.Abstractions.Grains;
using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Access;

/// <summary>Recognises bearer tokens of one kind.</summary>
internal interface IBearerAuthenticator
{
    /// <returns>Null when the token is none of this kind that is good.</returns>
    /// <exception cref="ApiException">It cannot be found out now: 503.</exception>
    /// <exception cref="StoreUnavailableException">Nor can it, for want of the store.</exception>
    ValueTask<ApiPrincipal?> Find(string token, CancellationToken cancellationToken);

    /// <summary>For a token that the same request has proved before: what cannot have changed since need not be proved again.</summary>
    /// <inheritdoc cref="Find"/>
    ValueTask<ApiPrincipal?> FindAgain(string token, ApiPrincipal known, CancellationToken cancellationToken) => Find(token, cancellationToken);
}
