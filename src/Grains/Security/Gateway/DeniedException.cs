namespace Mesh.Grains.Security.Gateway;

/// <summary>A client's connection is closed because of what came over it.</summary>
internal sealed class DeniedException(string reason, string message) : Exception(message)
{
    /// <summary>One of <see cref="DenialReason"/>.</summary>
    public string Reason => reason;
}
