namespace Mesh.Silo.Api;

/// <summary>The answer of <c>GET /v1/gateways</c>: all that an Orleans client needs to connect.</summary>
internal sealed record GatewayList(string ClusterId, string ServiceId, IReadOnlyList<GatewayAddress> Gateways);
