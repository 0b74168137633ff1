using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Services;

/// <summary>The one mutable holder of what the proxy knows of a service.</summary>
internal sealed class ServiceState(ServiceName name)
{
    public ServiceName Name { get; } = name;
}
