using System.Text.Json.Nodes;
using Mesh.Abstractions.Validation;

namespace Mesh.Silo.Api.Problems;

/// <summary>What went wrong with a request, in the form of RFC 9457 (<c>application/problem+json</c>).</summary>
internal sealed record Problem
{
    public const string MediaType = "application/problem+json";

    /// <summary>The kind of problem, for programs: <c>urn:mesh:problem:…</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The kind of problem, for people.</summary>
    public required string Title { get; init; }

    public required int Status { get; init; }

    /// <summary>What is wrong in this case, and how to mend it.</summary>
    public required string Detail { get; init; }

    /// <summary>The path of the request.</summary>
    public string? Instance { get; init; }

    /// <summary>All that is wrong with the body.</summary>
    public IReadOnlyList<SpecError>? Errors { get; init; }

    /// <summary>Of an apply that stopped half-way: what became of each service.</summary>
    public JsonNode? Items { get; init; }
}
