using Mesh.Abstractions.Naming;

namespace Mesh.Grains.Storage;

/// <summary>A line of the change log: the service, and the sequence number of its last change.</summary>
internal readonly record struct LoggedChange(ServiceName Service, long Sequence);
