namespace Mesh.Silo.Api.Documents;

/// <param name="Revision">The service's revision afterwards; null when it is not known.</param>
/// <param name="Reason">Why it failed.</param>
internal sealed record AppliedItem(string Namespace, string Name, ApplyOutcome Outcome, long? Revision, string? Reason);
