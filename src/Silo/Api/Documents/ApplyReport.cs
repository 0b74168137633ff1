using Mesh.Abstractions.Validation;

namespace Mesh.Silo.Api.Documents;

/// <summary>The answer to an apply, in the order of the documents.</summary>
internal sealed record ApplyReport(IReadOnlyList<AppliedItem> Items, IReadOnlyList<SpecError> Warnings);
