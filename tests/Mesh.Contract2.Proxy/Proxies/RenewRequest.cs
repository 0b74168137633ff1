namespace Mesh.Abstractions.Proxies;

[GenerateSerializer, Immutable, Alias("mesh.RenewRequest")]
public sealed record RenewRequest
{
    [Id(0)] public required ProxyInfo Proxy { get; init; }

    [Id(1)] public required HeldSnapshot[] Held { get; init; }

    /// <summary>
    /// True when <see cref="Held"/> is all the proxy uses, and what it leaves out is no longer wanted;
    /// false when it adds to what is subscribed already.
    /// </summary>
    [Id(2)] public bool IsComplete { get; init; }

    /// <summary>
    /// Grows with every request of the proxy. Requests overtake each other; a complete one leaves alone what a later
    /// one has added.
    /// </summary>
    [Id(3)] public long Sequence { get; init; }
}
