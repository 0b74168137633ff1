namespace Mesh.Quickstart.Ports;

/// <param name="What">What the port is for, as it reads in a sentence.</param>
/// <param name="Option">The option that changes it.</param>
internal sealed record PortUse(int Port, string What, string Option);
