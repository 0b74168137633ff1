namespace Mesh.Abstractions.Regions;

/// <summary>How the link to a peer region does.</summary>
[GenerateSerializer, Immutable, Alias("mesh.RegionLinkView")]
public sealed record RegionLinkView
{
    /// <summary>The peer.</summary>
    [Id(0)] public required string Region { get; init; }

    [Id(1)] public required RegionLinkState State { get; init; }

    /// <summary>How many changes the peer's log had at the last look that are not taken up yet.</summary>
    [Id(2)] public long LagEntries { get; init; }

    /// <summary>For how long this region may have been behind; 0 while it follows, null when it never had everything.</summary>
    [Id(3)] public double? LagSeconds { get; init; }

    /// <summary>When both regions were last known to hold the same; null when never since the link started.</summary>
    [Id(4)] public DateTimeOffset? InSyncAt { get; init; }

    /// <summary>
    /// How far the peer's clock is ahead of this region's, negative when behind, as its heartbeats tell: within a second
    /// at first, and closer with each. Of a peer without heartbeats, as its newest writes tell. Null before the first.
    /// </summary>
    [Id(5)] public double? ClockSkewSeconds { get; init; }

    /// <summary>How many of the peer's services could not be taken up; each is tried again from time to time.</summary>
    [Id(6)] public int Rejected { get; init; }

    /// <summary>The newest error, also when it is over; see <see cref="State"/>.</summary>
    [Id(7)] public string? LastError { get; init; }

    [Id(8)] public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>For how long no sign of life was seen: the peer's heartbeat did not change, or could not be read.</summary>
    [Id(9)] public double? SilentSeconds { get; init; }

    /// <summary>
    /// It has been silent for longer than <c>Mesh:Peers:{region}:StaleAfter</c>, and its endpoints are used last; null when
    /// that is not known yet.
    /// </summary>
    [Id(10)] public bool? IsStale { get; init; }

    /// <summary>How this region's proxies reach the peer's endpoints.</summary>
    [Id(11)] public RegionVia Via { get; init; }
}
