using Mesh.Abstractions.Naming;

namespace Mesh.Grains.Identity;

/// <summary>Asks a Kubernetes API server whose a service account's token is.</summary>
internal interface ITokenReviewer
{
    /// <summary>Whether there is an API server to ask.</summary>
    bool IsConfigured { get; }

    /// <returns>The service named like the account; null when the token is not valid.</returns>
    /// <exception cref="AuthorityException">The API server did not answer, or refused to.</exception>
    Task<ServiceName?> Review(string token, CancellationToken cancellationToken);
}
