namespace Mesh.Quickstart.Events;

/// <summary>The body of <c>GET /v1/services</c>.</summary>
internal sealed record ServiceList(IReadOnlyList<ServiceLine> Items);
