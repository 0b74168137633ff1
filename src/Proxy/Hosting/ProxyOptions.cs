using Mesh.Abstractions.Naming;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Hosting;

/// <summary>The proxy's configuration: section <c>Mesh</c>.</summary>
internal sealed class ProxyOptions
{
    public const string Section = "Mesh";

    /// <value>The management API of one or more silos, separated by commas. Default <c>http://127.0.0.1:4180</c>.</value>
    public string ControlPlane { get; set; } = "http://127.0.0.1:4180";

    /// <value>PEM file of the authorities to trust for a control plane with https. Default: those the system trusts. Read at start.</value>
    public string? ControlPlaneRoots { get; set; }

    /// <value>What the proxy is for: <c>Sidecar</c> (default), <c>Host</c> or <c>Gateway</c>.</value>
    public ProxyMode Mode { get; set; }

    /// <value>Unique among the proxies. Default: the machine's name and the outbound port.</value>
    public string? ProxyId { get; set; }

    /// <value>The namespace of names without one. Default: that of the application's service, else <c>default</c>.</value>
    public string? Namespace { get; set; }

    /// <value>The region the proxy is in, as its control plane calls it. Default <c>local</c>.</value>
    public string Region { get; set; } = ProxyPlace.DefaultRegion;

    /// <value>The zone the proxy is in; endpoints of the same zone are preferred. Default: none.</value>
    public string? Zone { get; set; }

    /// <value>The trust domain of identities (SPIFFE). Default <c>mesh.local</c>.</value>
    public string TrustDomain { get; set; } = "mesh.local";

    /// <value>Where snapshots are kept. Default: a directory of this proxy's under the user's local application data.</value>
    public string? DataDirectory { get; set; }

    /// <value>Services (<c>namespace/name</c>) that are subscribed to before the proxy reports ready.</value>
    public IList<string> WarmUp { get; } = [];

    public ListenerOptions Outbound { get; set; } = new() { Url = "http://127.0.0.1:4140" };

    public ListenerOptions Inbound { get; set; } = new() { Url = "http://127.0.0.1:4143" };

    public AdminOptions Admin { get; set; } = new() { Url = "http://127.0.0.1:4191" };

    /// <value>Ports of their own for services of opaque bytes.</value>
    public IList<TcpOptions> Tcp { get; } = [];

    public ApplicationOptions App { get; set; } = new();

    public IdentityOptions Identity { get; set; } = new();

    public RegionGatewayOptions Gateway { get; set; } = new();

    public DrainOptions Drain { get; set; } = new();

    public LimitOptions Limits { get; set; } = new();

    /// <summary>The control plane's addresses, in the order they are tried.</summary>
    public IReadOnlyList<Uri> ControlPlaneUrls => [.. Split(ControlPlane).Select(static url => new Uri(url))];

    /// <summary>The services to know before the proxy is ready: those that were named, and those that have a port of their own.</summary>
    public IEnumerable<ServiceName> EffectiveWarmUp => WarmUp.Concat(Tcp.Select(static one => one.Service)).Select(ServiceName.Parse).Distinct();

    /// <summary>A service to keep known besides: the application's own says who may call, and whether by plaintext. Null for none.</summary>
    public ServiceName? OwnService => ServiceName.TryParse(App.Service, out var service) ? service : null;

    public string EffectiveNamespace => Namespace
        ?? (ServiceName.TryParse(App.Service, out var service) ? service.Namespace : ServiceName.DefaultNamespace);

    /// <summary>The application whose calls the proxy takes.</summary>
    public CallerIdentity Caller => new(
        ServiceName.TryParse(App.Service, out var service) ? SpiffeId.Of(TrustDomain, service) : null, EffectiveNamespace);

    /// <summary>The id, also while the outbound address is not known to be right.</summary>
    public string EffectiveIdOrDefault => ProxyId ?? (AbsoluteUri.TryParse(Outbound.Url, out _) ? EffectiveId : "proxy");

    public string EffectiveId => ProxyId ?? $"{Environment.MachineName.ToLowerInvariant()}-{new Uri(Outbound.Url).Port}";

    public string EffectiveDataDirectory => DataDirectory ?? Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "mesh",
        $"proxy-{new Uri(Outbound.Url).Port}");

    public static string[] Split(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
