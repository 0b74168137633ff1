namespace Mesh.Grains.Access;

/// <summary>
/// The region's tokens of the management API. Every method throws
/// <see cref="Mesh.Abstractions.Grains.StoreUnavailableException"/> as those of the service store do.
/// </summary>
public interface IApiTokenStore
{
    Task<IReadOnlyList<StoredApiToken>> ReadAll();

    Task Add(StoredApiToken token);

    /// <returns>False when there is no such token.</returns>
    Task<bool> Remove(string id);
}
