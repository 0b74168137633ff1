namespace Mesh.Silo.Api.Responses;

/// <summary>Every list is an object, so that it can get further members.</summary>
internal sealed record ItemList<T>(IReadOnlyList<T> Items);
