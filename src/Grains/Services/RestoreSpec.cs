using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;

namespace Mesh.Grains.Services;

/// <summary>A <see cref="Rollback"/> once the spec of that revision has been read.</summary>
internal sealed record RestoreSpec(long Revision, ServiceSpec? Spec) : ServiceCommand;
