namespace Mesh.Grains.Services;

/// <param name="Expired">The endpoints whose leases have run out, in order.</param>
/// <param name="IsPreserved">They are kept all the same, because too many ran out at once.</param>
internal sealed record LeaseVerdict(IReadOnlyList<string> Expired, bool IsPreserved);
