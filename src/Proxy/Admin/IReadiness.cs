namespace Mesh.Proxy.Admin;

/// <summary>Whether the proxy should be sent requests.</summary>
internal interface IReadiness
{
    /// <summary>Why not yet, or not any more, a line each; empty when it should.</summary>
    IReadOnlyList<string> Obstacles { get; }
}
