using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Writes;

public sealed record WriteResult
{
    public required WriteStatus Status { get; init; }

    /// <summary>Whether the command's resource did not exist before.</summary>
    public bool Created { get; init; }

    /// <summary>
    /// The resource's revision after the write; for <see cref="WriteStatus.PreconditionFailed"/> the current one.
    /// 0 when the resource does not exist.
    /// </summary>
    public long ResourceRevision { get; init; }

    /// <summary>The service after the write; null when it does not exist.</summary>
    public ServiceView? Service { get; init; }

    public IReadOnlyList<SpecError> Errors { get; init; } = [];
}
