namespace Mesh.Silo.Api;

/// <inheritdoc/>
internal sealed class OrleansSiloStatus(ISiloStatusOracle oracle) : ISiloStatus
{
    public bool IsActive => oracle.CurrentStatus == SiloStatus.Active;
}
