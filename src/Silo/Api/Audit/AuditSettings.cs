namespace Mesh.Silo.Api.Audit;

/// <param name="Silo">How entries call this silo: its address.</param>
/// <param name="MaxEntries">How many accepted entries the region keeps.</param>
internal sealed record AuditSettings(string Silo, int MaxEntries)
{
    /// <summary>How many refused entries the region keeps.</summary>
    public const int MaxRefused = 1000;

    /// <summary>How many entries of each list wait in this process while the store is away.</summary>
    public const int MaxWaiting = 1000;
}
