using Mesh.Abstractions.Writes;

namespace Mesh.Grains.Services;

/// <summary>What a command makes of a record.</summary>
/// <param name="Record">The record afterwards; the one before when nothing changed.</param>
/// <param name="ResourceRevision">The revision of the command's resource afterwards; 0 when it does not exist.</param>
/// <param name="Change">What to write into the service's revisions; null when the spec stayed as it was.</param>
internal sealed record Reduction(
    WriteStatus Status,
    ServiceRecord Record,
    long ResourceRevision,
    bool Created = false,
    string? Change = null);
