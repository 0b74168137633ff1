using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Grains.Regions;
using Mesh.Grains.Security.Gateway;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Grains.Push;

/// <inheritdoc cref="IPushHub"/>
internal sealed partial class PushHub : GrainService, IPushHub
{
    /// <summary>A proxy whose renewals have stopped for this long gets no more pushes.</summary>
    private static readonly TimeSpan SessionTimeout = 4 * ControlPlaneTimeouts.ProxyRenewal;

    /// <summary>
    /// How long a renewal waits for first snapshots. Less than the proxy's own limit, or one grain that is away would
    /// cost it the news of all other services.
    /// </summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long a proxy that is gone stays visible to administrators.</summary>
    private static readonly TimeSpan SessionMemory = TimeSpan.FromMinutes(10);

    private readonly Dictionary<ServiceName, HubEntry> _entries = [];
    private readonly ProxySessions _sessions;
    private readonly AbsentRecords _absent;
    private readonly IGrainFactory _grains;
    private readonly ILocalSiloDetails _silo;
    private readonly PeerReach _regions;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly GatewayLimits _limits;
    private readonly PushSender _sender;
    private long _watchedAt;

    public PushHub(
        GrainId id, Silo silo, ILoggerFactory loggers, IGrainFactory grains, ILocalSiloDetails details, PeerReach regions,
        PushSender sender, IOptions<GatewayLimits> limits, TimeProvider time)
        : base(id, silo, loggers)
    {
        _limits = limits.Value;
        _grains = grains;
        _silo = details;
        _regions = regions;
        _sender = sender;
        _sessions = new ProxySessions(_limits.MaxClients, time);
        _absent = new AbsentRecords(time);
        _time = time;
        // Orleans reports every grain service's start and ring range under the type's name; this is kept apart.
        _logger = loggers.CreateLogger("Mesh.Push");
    }

    public override async Task Start()
    {
        await base.Start();
        RegisterTimer(_ => Tick(), null!, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public Task<bool> Publish(EncodedSnapshot snapshot)
    {
        if (!_entries.TryGetValue(snapshot.Service, out var entry) || entry.Subscribers.Count == 0)
        {
            return Task.FromResult(false);
        }

        if (snapshot.Version.Revision > entry.Version.Revision)
        {
            Use(entry, snapshot);
        }

        return Task.FromResult(true);
    }

    public async Task<RenewReply> Renew(RenewRequest request, IProxyObserver observer)
    {
        var session = Touch(request.Proxy, observer);
        if (request.IsComplete)
        {
            var used = request.Held.Select(static held => held.Service).ToHashSet();
            foreach (var (service, subscription) in session.Subscriptions.ToList())
            {
                if (!used.Contains(service) && subscription.Sequence <= request.Sequence)
                {
                    Unsubscribe(session, service);
                }
            }
        }

        if (request.Held.Count(held => !session.Subscriptions.ContainsKey(held.Service)) + session.Subscriptions.Count > _limits.MaxSubscriptions)
        {
            throw new InvalidOperationException($"Proxy '{session.Proxy.Id}' subscribes to more than {_limits.MaxSubscriptions} services.");
        }

        // Subscribe first, then ask the grains: a change between the two arrives as a push instead of getting lost.
        foreach (var held in request.Held)
        {
            var subscription = Subscribe(session, held.Service);
            subscription.Sequence = Math.Max(subscription.Sequence, request.Sequence);
            subscription.Applied = held.Version;
            subscription.Rejected = held.Rejected?.Shortened();
        }

        var unloaded = request.Held.Select(static held => held.Service)
            .Where(service => _entries.GetValueOrDefault(service)?.Snapshot is null)
            .ToList();
        var (unknown, unavailable) = await Load(unloaded);
        foreach (var service in unknown)
        {
            Unsubscribe(session, service);
        }

        return new RenewReply
        {
            Changed = [.. Changed(request.Held)],
            Unknown = [.. unknown],
            Unavailable = [.. unavailable],
            Regions = _regions.Current,
        };
    }

    public Task Leave(string proxyId)
    {
        if (_sessions.Remove(proxyId, out var session))
        {
            Disconnect(session);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ProxyView>> ListProxies() =>
        Task.FromResult<IReadOnlyList<ProxyView>>([.. _sessions.All.Select(Describe)]);

    public async Task<Explanation?> Explain(string proxyId, ExplainRequest request) =>
        _sessions.TryGet(proxyId, out var session) && session.IsConnected ? await _sender.Explain(session.Observer, request) : null;

    public Task<GatewayAddress> Describe() => Task.FromResult(new GatewayAddress(
        _silo.SiloAddress.ToParsableString(),
        _silo.GatewayAddress?.Endpoint.ToString(),
        _silo.SiloAddress.Generation));

    private IEnumerable<EncodedSnapshot> Changed(HeldSnapshot[] held)
    {
        foreach (var one in held)
        {
            if (_entries.TryGetValue(one.Service, out var entry) && entry.Snapshot is { } snapshot
                && snapshot.Version != one.Version && snapshot.Version.Revision != one.Rejected?.Revision)
            {
                yield return snapshot;
            }
        }
    }

    /// <summary>Gets first snapshots. The catalog is asked before the grains, so that a name nobody registered creates none.</summary>
    private async Task<(IReadOnlyList<ServiceName> Unknown, IReadOnlyList<ServiceName> Unavailable)> Load(List<ServiceName> services)
    {
        var absent = services.Where(_absent.Contains).ToList();
        if (services.Count == absent.Count)
        {
            return (absent, []);
        }

        services = [.. services.Except(absent)];
        IReadOnlyList<ServiceName> unknown = [];
        try
        {
            await LoadKnown().WaitAsync(LoadTimeout, _time);
        }
        catch (Exception exception)
        {
            LogLoadFailed(exception.Message);
        }

        return ([.. unknown, .. absent], [.. services.Except(unknown).Where(service => _entries.GetValueOrDefault(service)?.Snapshot is null)]);

        async Task LoadKnown()
        {
            unknown = await _grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).FindNeverSeen(services);
            foreach (var record in unknown.Where(NamespaceSettings.IsRecord))
            {
                _absent.Add(record);
            }

            await Task.WhenAll(services.Except(unknown).Select(Watch));
        }
    }

    /// <summary>Renews the hub's subscription at a service grain, and takes what was missed.</summary>
    private async Task Watch(ServiceName service)
    {
        if (!_entries.TryGetValue(service, out var entry))
        {
            return;
        }

        var asked = entry.Version;
        try
        {
            var answer = await _grains.GetGrain<IServiceGrain>(service.ToString()).Watch(_silo.SiloAddress, asked);

            if (answer is null || !entry.Accepts(answer, asked))
            {
                return;
            }

            if (entry.Snapshot is null)
            {
                // The first one goes out with the answers to those who wait for it.
                entry.Snapshot = answer;
            }
            else
            {
                Use(entry, answer);
            }
        }
        catch (Exception exception)
        {
            LogWatchFailed(service, exception.Message);
        }
    }

    private static void Use(HubEntry entry, EncodedSnapshot snapshot)
    {
        entry.Snapshot = snapshot;
        foreach (var subscription in entry.Subscribers.Values)
        {
            if (subscription.Applied != snapshot.Version)
            {
                subscription.Push(snapshot);
            }
        }
    }

    private ProxySession Touch(ProxyInfo proxy, IProxyObserver observer)
    {
        var session = _sessions.Touch(proxy, observer, out var replaced, out var isNew);
        if (replaced is not null)
        {
            Disconnect(replaced);
        }

        if (isNew)
        {
            LogConnected(proxy.Id);
        }

        return session;
    }

    private ProxySubscription Subscribe(ProxySession session, ServiceName service)
    {
        if (session.Subscriptions.TryGetValue(service, out var subscription))
        {
            return subscription;
        }

        subscription = new ProxySubscription(new Conflator<EncodedSnapshot>(
            snapshot => Push(session, service, snapshot),
            exception => LogPushFailed(session.Proxy.Id, service, exception.Message)));
        session.Subscriptions.Add(service, subscription);
        if (!_entries.TryGetValue(service, out var entry))
        {
            entry = new HubEntry();
            _entries.Add(service, entry);
        }

        entry.Subscribers[session.Proxy.Id] = subscription;
        return subscription;
    }

    private async Task Push(ProxySession session, ServiceName service, EncodedSnapshot snapshot)
    {
        if (!session.IsConnected)
        {
            return;
        }

        var ack = await _sender.Push(session.Observer, snapshot);
        if (session.Subscriptions.TryGetValue(service, out var subscription))
        {
            subscription.Applied = ack.Applied;
            subscription.Rejected = ack.Rejected?.Shortened();
        }
    }

    private void Unsubscribe(ProxySession session, ServiceName service)
    {
        if (session.Subscriptions.Remove(service, out var subscription)
            && _entries.TryGetValue(service, out var entry)
            && entry.Subscribers.GetValueOrDefault(session.Proxy.Id) == subscription
            && entry.Subscribers.Remove(session.Proxy.Id)
            && entry.Subscribers.Count == 0)
        {
            _entries.Remove(service);
        }
    }

    private void Disconnect(ProxySession session)
    {
        session.IsConnected = false;
        foreach (var service in session.Subscriptions.Keys.ToList())
        {
            Unsubscribe(session, service);
        }
    }

    private async Task Tick()
    {
        foreach (var session in _sessions.All)
        {
            var silence = _time.GetElapsedTime(session.LastSeen);
            if (session.IsConnected && silence > SessionTimeout)
            {
                LogLost(session.Proxy.Id, silence.TotalSeconds);
                Disconnect(session);
            }
            else if (silence > SessionMemory)
            {
                _sessions.Remove(session.Proxy.Id, out _);
            }
        }

        _absent.Prune();

        if (_time.GetElapsedTime(_watchedAt) >= ControlPlaneTimeouts.HubRenewal)
        {
            _watchedAt = _time.GetTimestamp();
            await Task.WhenAll(_entries.Keys.ToList().Select(Watch));
        }
    }

    private ProxyView Describe(ProxySession session) => new()
    {
        Proxy = session.Proxy,
        Gateway = _silo.SiloAddress.ToParsableString(),
        LastSeenAt = session.LastSeenAt,
        Connected = session.IsConnected,
        Subscriptions = [.. session.Subscriptions
            .OrderBy(static pair => pair.Key)
            .Select(pair => new ProxySubscriptionView
            {
                Service = pair.Key,
                CurrentRevision = _entries.GetValueOrDefault(pair.Key)?.Version.Revision ?? 0,
                AppliedRevision = pair.Value.Applied.Revision,
                Rejected = pair.Value.Rejected,
            })],
    };

    [LoggerMessage(1111, LogLevel.Information, "Proxy {Proxy} connected")]
    private partial void LogConnected(string proxy);

    [LoggerMessage(1112, LogLevel.Information, "Proxy {Proxy} has not renewed for {Seconds:0} s and gets no more pushes; it goes on with what it has")]
    private partial void LogLost(string proxy, double seconds);

    [LoggerMessage(1113, LogLevel.Debug, "A push of {Service} to proxy {Proxy} failed ({Reason}); its next renewal brings it")]
    private partial void LogPushFailed(string proxy, ServiceName service, string reason);

    [LoggerMessage(1114, LogLevel.Warning, "Service {Service} did not answer its subscription ({Reason}); proxies keep what they have")]
    private partial void LogWatchFailed(ServiceName service, string reason);

    [LoggerMessage(1115, LogLevel.Warning, "Services could not be looked up ({Reason}); proxies keep what they have and ask again")]
    private partial void LogLoadFailed(string reason);
}
