namespace Mesh.Silo.Api.Requests;

/// <summary>Endpoint metadata: it writes one resource, by <see cref="Writes.ServiceWriter"/>, which obeys <c>If-Match</c> and <c>If-None-Match</c>.</summary>
internal sealed record TakesPreconditions;
