using System.Net;
using Mesh.Proxy.Identity;

namespace Mesh.Proxy.Access;

/// <summary>What access rules look at. Kept as long as the request lasts, since rules may change meanwhile.</summary>
/// <param name="Peer">Who calls, proved by mutual TLS; null when nobody has.</param>
/// <param name="Address">The other end of the connection.</param>
/// <param name="Method">Null for a connection of opaque bytes.</param>
/// <param name="Path">As <see cref="AccessPath.Normalize"/> returns it; null for a connection of opaque bytes.</param>
internal readonly record struct AccessRequest(CallingPeer? Peer, IPAddress? Address, string? Method, string? Path)
{
    /// <summary>The claims of a valid token; null without one.</summary>
    public ITokenClaims? Token { get; init; }

    public string Describe() =>
        (Peer is { } peer ? peer.Identity : $"a caller without an identity at {Address?.ToString() ?? "an unknown address"}")
        + (Method is null ? "" : $", {Method} {Path}");
}
