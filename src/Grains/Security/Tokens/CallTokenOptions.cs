namespace Mesh.Grains.Security.Tokens;

/// <summary>How silos prove to each other that a call comes from one of them.</summary>
public sealed class CallTokenOptions
{
    /// <value>The cluster's secret, at least 32 bytes; empty: no proofs are made. It never leaves silos.</value>
    public byte[] Secret { get; set; } = [];

    /// <value>Whether a call of an interface that is not for proxies needs a proof. Not while silos of a version without them run.</value>
    public bool IsRequired { get; set; }
}
