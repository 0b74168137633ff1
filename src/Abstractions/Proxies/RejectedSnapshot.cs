namespace Mesh.Abstractions.Proxies;

/// <summary>A snapshot a proxy could not use; it goes on with the one before.</summary>
[GenerateSerializer, Immutable, Alias("mesh.RejectedSnapshot")]
public sealed record RejectedSnapshot([property: Id(0)] long Revision, [property: Id(1)] string Reason)
{
    /// <summary>What the control plane keeps of a reason, in characters.</summary>
    private const int MaxReason = 1000;

    /// <summary>The same, with a reason that is no longer than it needs to be.</summary>
    public RejectedSnapshot Shortened() => Reason is { Length: > MaxReason } ? this with { Reason = Reason[..MaxReason] } : this;
}
