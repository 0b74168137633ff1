namespace Mesh.Abstractions.Connections;

/// <summary>A connection's feature: what its other end has proved.</summary>
/// <param name="Identity">Null when the connection is plaintext.</param>
public sealed record ConnectionPeer(PeerIdentity? Identity);
