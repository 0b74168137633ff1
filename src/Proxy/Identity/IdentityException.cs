namespace Mesh.Proxy.Identity;

/// <summary>The proxy could not get its certificate; the message says why and what to mend. No secrets.</summary>
internal sealed class IdentityException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The control plane understood, and refuses: the same proof will not do later either.</summary>
    public bool IsRefused { get; init; }
}
