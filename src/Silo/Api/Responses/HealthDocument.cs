namespace Mesh.Silo.Api.Responses;

/// <param name="Status"><c>ok</c> or <c>ready</c>; anything else is a problem document.</param>
internal sealed record HealthDocument(string Status);
