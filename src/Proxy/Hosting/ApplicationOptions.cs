using Mesh.Abstractions.Services;

namespace Mesh.Proxy.Hosting;

/// <summary>The application beside the proxy: section <c>Mesh:App</c>. Without it the proxy only takes outbound calls.</summary>
internal sealed class ApplicationOptions
{
    /// <value>The application's service, <c>namespace/name</c>. Setting it makes the proxy register an endpoint.</value>
    public string? Service { get; set; }

    /// <value>Default <c>127.0.0.1</c>.</value>
    public string Host { get; set; } = "127.0.0.1";

    /// <value>The application's port, 1 to 65535.</value>
    public int Port { get; set; }

    /// <value>What the application speaks: <c>Http</c> (default), <c>Http2</c>, <c>Grpc</c>, <c>Auto</c> or <c>Tcp</c>.</value>
    public ServiceProtocol Protocol { get; set; }

    /// <value>The endpoint's id. Default: the proxy's id.</value>
    public string? EndpointId { get; set; }

    /// <value>The address peers reach the inbound listener by. Default: the listener's own.</value>
    public string? AdvertisedHost { get; set; }

    /// <value>0 to 1,000,000; default 1.</value>
    public int Weight { get; set; } = 1;

    /// <value>
    /// Requests are answered 503 until it is known who may call the application, by its service's policy and, where that leaves
    /// it to the namespace, by the namespace's settings. Default false: when the control plane
    /// cannot be reached at the proxy's very first start, everybody is let in until it can be.
    /// </value>
    public bool RequirePolicy { get; set; }

    public IDictionary<string, string> Labels { get; } = new Dictionary<string, string>();

    public HealthCheckOptions HealthCheck { get; set; } = new();
}
