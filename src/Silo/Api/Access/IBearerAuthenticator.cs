using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Access;

/// <summary>Recognises bearer tokens of one kind.</summary>
internal interface IBearerAuthenticator
{
    /// <returns>Null when the token is none of this kind that is good.</returns>
    /// <exception cref="ApiException">It cannot be found out now: 503.</exception>
    ValueTask<ApiPrincipal?> Find(string token, CancellationToken cancellationToken);
}
