using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Resilience;

/// <summary>How a request ended after all of its tries.</summary>
/// <param name="Last">How the last try ended.</param>
/// <param name="Endpoint">Where the last try went; null when there was nowhere to go.</param>
/// <param name="Tries">How many there were.</param>
internal readonly record struct RetryResult(TryResult Last, UpstreamEndpoint? Endpoint, int Tries);
