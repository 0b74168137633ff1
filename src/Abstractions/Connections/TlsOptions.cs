namespace Mesh.Abstractions.Connections;

/// <summary>How the control plane's connections are secured.</summary>
public sealed record TlsOptions
{
    public TlsMode Mode { get; init; }

    public string TrustDomain { get; init; } = "mesh.local";

    /// <value>How long a peer may take to prove who it is. Default 5 s.</value>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <value>How many may be proving it at once. Default 512.</value>
    public int MaxHandshakes { get; init; } = 512;

    /// <value>How many of them from one address. Default 128.</value>
    public int MaxHandshakesPerAddress { get; init; } = 128;
}
