using System.Net;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Routing;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Access;

/// <summary>What access rules look at. Kept as long as the request lasts, since rules may change meanwhile.</summary>
/// <param name="Peer">Who calls, proved by mutual TLS; null when nobody has.</param>
/// <param name="Address">The other end of the connection.</param>
/// <param name="Method">Null for a connection of opaque bytes.</param>
/// <param name="Path">As <see cref="AccessPath.Read"/> returns it; null for a connection of opaque bytes.</param>
internal readonly record struct AccessRequest(CallingPeer? Peer, IPAddress? Address, string? Method, string? Path)
{
    /// <summary>Other ways to read the path; null when there are none.</summary>
    public string[]? OtherPaths { get; init; }

    /// <summary>The claims of a valid token; null without one.</summary>
    public ITokenClaims? Token { get; init; }

    /// <param name="peer">Who calls; null when nobody has proved it.</param>
    public static AccessRequest Of(HttpContext context, CallingPeer? peer) => new(
        peer, context.Connection.RemoteIpAddress, RequestFacts.MethodOf(context.Request), AccessPath.Read(context.Request.Path.Value ?? "", out var others))
    {
        OtherPaths = others,
    };

    public static AccessRequest Of(ConnectionContext connection) => new(
        connection.Features.Get<CallingPeer>(), (connection.RemoteEndPoint as IPEndPoint)?.Address, Method: null, Path: null);

    public string Describe() =>
        (Peer is { } peer ? peer.Identity : $"a caller without an identity at {Address?.ToString() ?? "an unknown address"}")
        + (Method is null ? "" : $", {Method} {Path}");
}
