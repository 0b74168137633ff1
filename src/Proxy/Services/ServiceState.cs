using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Tcp;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Services;

/// <summary>The one mutable holder of what the proxy knows of a service. Requests read it without a lock.</summary>
internal sealed class ServiceState(ServiceName name, long now)
{
    private static readonly NamespaceSettings NoSettings = new();

    private volatile ServiceModel? _model;
    private volatile RequestGate? _gate;
    private volatile RejectedSnapshot? _rejected;
    private volatile bool _isLive;
    private long _lastUsed = now;

    public ServiceName Name { get; } = name;

    /// <summary>A host that names the service for every caller: <c>name.namespace</c>.</summary>
    public string Host { get; } = $"{name.Name}.{name.Namespace}";

    /// <summary>The last snapshot that could be used; null when there was none yet. A request reads it once.</summary>
    public ServiceModel? Model => _model;

    /// <summary>The last snapshot that could not be used, until one can be again.</summary>
    public RejectedSnapshot? Rejected => _rejected;

    /// <summary>Somebody keeps the model fresh.</summary>
    public bool IsLive
    {
        get => _isLive;
        set => _isLive = value;
    }

    /// <summary>Requests can use the model at once; else whoever keeps services fresh is asked first.</summary>
    public bool IsFresh => _isLive && _model is not null;

    /// <summary>The timestamp of the last request that needed it.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Of the record that holds a namespace's settings; the defaults while nothing else is known.</summary>
    public NamespaceSettings Settings => _model?.Spec?.NamespaceSettings ?? NoSettings;

    public SnapshotVersion Version => _model?.Version ?? SnapshotVersion.None;

    public HeldSnapshot Held => new(Name, Version, _rejected);

    /// <summary>Requests to this service that the proxy itself answered.</summary>
    public ErrorCounters Errors { get; } = new();

    /// <summary>Counts the requests to the service and makes them wait; null as long as no snapshot had limits.</summary>
    public RequestGate? Gate => _gate;

    /// <summary>Connections that callers of this service have had as bytes.</summary>
    public TunnelStats Tunnels { get; } = new();

    /// <summary>Requests or connections of it are under way.</summary>
    public bool IsBusy => Tunnels.Active > 0 || _gate is { InFlight: > 0 } or { Waiting: > 0 };

    /// <summary>For <see cref="Forwarding.Via"/>, which makes it when it is first needed.</summary>
    public ViaEntry? Via { get; set; }

    public void Touch(long timestamp) => Volatile.Write(ref _lastUsed, timestamp);

    /// <summary>Only for <see cref="ServiceTable"/>, which keeps writers apart.</summary>
    internal void Swap(ServiceModel model)
    {
        _rejected = null;
        Rearrange(model);
    }

    /// <summary>The same snapshot, in another form.</summary>
    /// <inheritdoc cref="Swap"/>
    internal void Rearrange(ServiceModel model)
    {
        _model = model;
        var limits = model.Spec?.Traffic.Limits;
        if (limits is not null)
        {
            _gate ??= new RequestGate();
        }

        _gate?.Update(limits, model.Endpoints.Selectable);
    }

    /// <inheritdoc cref="Swap"/>
    internal void Reject(RejectedSnapshot rejected) => _rejected = rejected;
}
