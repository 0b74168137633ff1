namespace Mesh.Silo.Api;

/// <summary>Whether this silo takes part in its cluster.</summary>
internal interface ISiloStatus
{
    bool IsActive { get; }
}
