namespace Mesh.Silo.Api.Requests;

/// <summary>Endpoint metadata: the query parameters it takes; any other is refused.</summary>
internal sealed record QueryParameters(params IReadOnlyList<string> Names);
