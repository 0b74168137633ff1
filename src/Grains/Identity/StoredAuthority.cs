namespace Mesh.Grains.Identity;

/// <summary>An authority that Mesh made, as it is stored.</summary>
public sealed record StoredAuthority
{
    /// <summary>Counts from 1; each change of the root makes the next.</summary>
    public required int Generation { get; init; }

    /// <summary>PEM.</summary>
    public required string Certificate { get; init; }

    /// <summary>The private key (PKCS #8), encrypted by the silos' key vault, in Base64.</summary>
    public required string ProtectedKey { get; init; }

    /// <summary>When it begins to sign; before that, proxies learn to trust it.</summary>
    public required DateTimeOffset SignsFrom { get; init; }
}
