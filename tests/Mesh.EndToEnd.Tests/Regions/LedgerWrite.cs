namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>A write as one region's API got it.</summary>
internal sealed record LedgerWrite(string Region, string Service, string What, TimeSpan Sent, IReadOnlyList<WriteEffect> Effects)
{
    /// <summary>When it was acknowledged; null when nobody knows whether it was stored.</summary>
    public TimeSpan? Acknowledged { get; init; }

    /// <summary>The service's revision that it made, where the answer said so.</summary>
    public long? Revision { get; init; }

    /// <summary>It touches the spec, whose changes are kept as revisions, and its own revision is known.</summary>
    public bool ChangesSpec => Revision is not null && !Effects.Any(static effect => effect.Register.Contains("endpoints/", StringComparison.Ordinal));

    /// <summary>It was sent only when the other had been acknowledged.</summary>
    public bool IsAfter(LedgerWrite other) => Sent > other.Acknowledged;

    public override string ToString() =>
        $"{Sent.TotalSeconds:0.000}-{Acknowledged?.TotalSeconds.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture) ?? "?"} s {Region}: {What}"
        + (Revision is { } revision ? $" (revision {revision})" : "");
}
