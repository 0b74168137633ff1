using Mesh.Grains.Access;

namespace Mesh.Silo.Api.Access;

/// <summary>Tokens that were made by this API.</summary>
internal sealed class ApiTokenAuthenticator(ApiTokens tokens) : IBearerAuthenticator
{
    public async ValueTask<ApiPrincipal?> Find(string token, CancellationToken cancellationToken) => await tokens.Find(token, cancellationToken) is { } known
        ? new ApiPrincipal($"token:{known.Name}", [new ApiGrant(known.Role, known.Namespaces)])
        : null;
}
