using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Abstractions.Proxies;

[GenerateSerializer, Immutable, Alias("mesh.RenewReply")]
public sealed record RenewReply
{
    /// <summary>Snapshots of those services of which the proxy held another version.</summary>
    [Id(0)] public EncodedSnapshot[] Changed { get; init; } = [];

    /// <summary>
    /// Services the control plane has never heard of. (A deleted one comes as a snapshot without spec.) A proxy that
    /// holds one keeps it: a control plane that lost its store must not take the traffic down.
    /// </summary>
    [Id(1)] public ServiceName[] Unknown { get; init; } = [];

    /// <summary>Services that could not be asked; the proxy keeps what it has and asks again.</summary>
    [Id(2)] public ServiceName[] Unavailable { get; init; } = [];
}
