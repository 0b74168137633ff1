namespace Mesh.Proxy.Hosting;

/// <summary>Where other regions reach a proxy of mode <c>Gateway</c>: section <c>Mesh:Gateway</c>.</summary>
internal sealed class RegionGatewayOptions
{
    /// <value>The address other regions reach the inbound listener by. Default: the listener's own.</value>
    public string? AdvertisedHost { get; set; }

    /// <value>The port they reach it by, 1 to 65535. Default: the listener's own.</value>
    public int? AdvertisedPort { get; set; }

    /// <value>Its share of the requests beside the region's other gateways, 1 to 1,000,000; default 1.</value>
    public int Weight { get; set; } = 1;
}
