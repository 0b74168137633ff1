using Mesh.Abstractions.Services;

namespace Mesh.Proxy.Forwarding;

/// <summary>Where the application beside the proxy listens.</summary>
/// <param name="Host">An address or a name.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Protocol">What it speaks.</param>
/// <param name="RequirePolicy">Nobody is let in before it is known who may call.</param>
internal sealed record AppOptions(string Host, int Port, ServiceProtocol Protocol = ServiceProtocol.Http, bool RequirePolicy = false);
