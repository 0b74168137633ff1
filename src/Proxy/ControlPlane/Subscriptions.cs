using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Explain;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Services;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.ControlPlane;

/// <summary>
/// Which services this proxy keeps fresh, and how: every three seconds it renews all its subscriptions with the
/// versions it holds and gets what it missed. Pushes come earlier, but only the renewals make it right.
/// </summary>
internal sealed partial class Subscriptions : BackgroundService, IProxyObserver
{
    /// <summary>How soon to ask again for what is unknown or could not be asked.</summary>
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long one attempt to fetch a service that a rule newly refers to may take.</summary>
    private static readonly TimeSpan PrefetchTimeout = TimeSpan.FromSeconds(1);

    private readonly IControlPlane _client;
    private readonly ServiceTable _table;
    private readonly Lazy<Explainer> _explainer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProxyInfo _proxy;
    private readonly WantedServices _wanted;
    private readonly SnapshotReceiver _receiver;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private long _sequence;
    private IProxyObserver? _reference;
    private bool _isRenewalFailing;

    public Subscriptions(
        IControlPlane client, ServiceTable table, Lazy<Explainer> explainer, IOptions<ProxyOptions> options, TimeProvider time, ILogger<Subscriptions> logger)
    {
        _client = client;
        _table = table;
        _explainer = explainer;
        _time = time;
        _logger = logger;
        _wanted = new WantedServices(table, options.Value.EffectiveWarmUp, time, options.Value.OwnService);
        _receiver = new SnapshotReceiver(table, _wanted, time, logger);
        _proxy = new ProxyInfo
        {
            Id = options.Value.EffectiveId,
            Namespace = options.Value.EffectiveNamespace,
            Zone = options.Value.Zone,
            Service = ServiceName.TryParse(options.Value.App.Service, out var service) ? service : null,
            Version = typeof(Subscriptions).Assembly.GetName().Version?.ToString(3) ?? "0",
            StartedAt = time.GetUtcNow(),
        };
    }

    /// <summary>The warm-up services of which nothing is known yet, neither from the disk nor from the control plane.</summary>
    public IEnumerable<ServiceName> Cold =>
        _wanted.WarmUp.Where(_receiver.IsMissing);

    /// <summary>Starts to keep a service, and what its rules refer to, fresh.</summary>
    /// <returns>False when the control plane has never heard of it.</returns>
    public async Task<bool> Add(ServiceName service)
    {
        // Who asks for it is about to use it: it must not count as idle before the request gets that far.
        var state = _table.GetOrAdd(service);
        state.Touch(_time.GetTimestamp());
        _wanted.AddCalled(service);
        var missing = state.Model?.References.Where(_receiver.IsMissing) ?? [];
        await Renew([service, .. missing], isComplete: false, Interlocked.Increment(ref _sequence));
        return !_receiver.IsUnknown(service);
    }

    public async Task<PushAck> Push(EncodedSnapshot snapshot)
    {
        await Prefetch([snapshot]);
        return _receiver.Apply(snapshot, isAuthoritative: false);
    }

    public Task<Explanation> Explain(ExplainRequest request) => _explainer.Value.ExplainAsync(request, CancellationToken.None);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_client.IsConnected)
        {
            try
            {
                await _client.Gateway.Leave(_proxy.Id).WaitAsync(TimeSpan.FromSeconds(1), _time, cancellationToken);
            }
            catch (Exception exception)
            {
                LogLeaveFailed(exception.Message);
            }
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _client.Connected += Wake;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                // Also while the connection is down: the Orleans client dials again only when there is something to send.
                if (_client.HasBeenConnected)
                {
                    await RenewAll();
                }

                await Rest(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The proxy stops.
        }
        finally
        {
            _client.Connected -= Wake;
        }
    }

    /// <summary>Ends the rest before the next renewal; once is enough.</summary>
    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private async Task Rest(CancellationToken stoppingToken)
    {
        var isMissingSome = !_client.IsConnected || _receiver.IsWaiting || _wanted.Current().Any(IsAwaited);
        var period = isMissingSome ? RetryPeriod : ControlPlaneTimeouts.ProxyRenewal;

        // Spread over a tenth of the period, so that proxies that started together do not renew together for ever.
        using var timer = new CancellationTokenSource(period * (0.95 + (0.1 * Random.Shared.NextDouble())), _time);
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stoppingToken);
        try
        {
            await _wake.WaitAsync(rest.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Time to renew.
        }
    }

    /// <summary>Most namespaces have no settings, and a mesh may have no gateways; nobody waits for those.</summary>
    private bool IsAwaited(ServiceName service) =>
        !(_table.TryGet(service, out var state) && state.IsLive)
        && !((NamespaceSettings.IsRecord(service) || service == ReservedNames.Gateways) && _receiver.IsUnknown(service));

    private async Task RenewAll()
    {
        // In this order: a service that becomes wanted meanwhile is wanted before it is live, so none is missed.
        var sequence = Interlocked.Increment(ref _sequence);
        var live = _table.All.Where(static state => state.IsLive).ToList();
        var wanted = _wanted.Current();
        foreach (var state in live.Where(state => !wanted.Contains(state.Name)))
        {
            state.IsLive = false;
            LogIdle(state.Name);
        }

        try
        {
            await Renew(wanted, isComplete: true, sequence);
            _isRenewalFailing = false;
        }
        catch (Exception exception)
        {
            if (!_isRenewalFailing)
            {
                LogRenewalFailed(exception.Message);
            }

            _isRenewalFailing = true;
        }
    }

    private async Task Renew(IReadOnlyCollection<ServiceName> services, bool isComplete, long sequence, bool isPrefetch = false)
    {
        var held = services.Select(service => _table.GetOrAdd(service).Held).ToArray();
        var request = new RenewRequest { Proxy = _proxy, Held = held, IsComplete = isComplete, Sequence = sequence };
        _reference ??= _client.CreateReference(this);
        var reply = await _client.Gateway.Renew(request, _reference);

        _receiver.Heard(services, reply.Unknown);
        _table.UseRegions(reply.Regions);
        if (!isPrefetch)
        {
            await Prefetch(reply.Changed);
        }

        var asked = held.ToDictionary(static one => one.Service, static one => one.Version);
        foreach (var snapshot in reply.Changed)
        {
            // Unless a push came meanwhile, the answer counts even when it goes back.
            var current = _table.GetOrAdd(snapshot.Service).Version;
            _receiver.Apply(snapshot, isAuthoritative: current == asked.GetValueOrDefault(snapshot.Service));
        }

        foreach (var service in services.Except(reply.Unavailable))
        {
            var state = _table.GetOrAdd(service);
            state.IsLive = state.Model is not null && !_receiver.IsUnknown(service);
        }

        if (reply.Changed.Length > 0 && !isComplete)
        {
            // The next renewal tells the control plane what is in use now; administrators watch for it.
            Wake();
        }
    }

    /// <summary>Fetches the services that new rules refer to before those rules apply, and the gateways before they are needed.</summary>
    private async Task Prefetch(EncodedSnapshot[] snapshots)
    {
        var missing = snapshots.SelectMany(_receiver.Missing).Concat(_wanted.Gateways.Where(_receiver.IsMissing))
            .Except(snapshots.Select(static snapshot => snapshot.Service))
            .ToHashSet();
        if (missing.Count == 0)
        {
            return;
        }

        foreach (var service in missing)
        {
            _wanted.AddFetched(service);
        }

        try
        {
            await Renew(missing, isComplete: false, Interlocked.Increment(ref _sequence), isPrefetch: true).WaitAsync(PrefetchTimeout, _time);
        }
        catch (Exception exception)
        {
            LogPrefetchFailed(exception.Message);
        }
    }

    [LoggerMessage(2021, LogLevel.Warning, "Subscriptions could not be renewed: {Reason}. Forwarding goes on with what is known")]
    private partial void LogRenewalFailed(string reason);

    [LoggerMessage(2022, LogLevel.Information, "{Service} has been idle and is no longer kept fresh")]
    private partial void LogIdle(ServiceName service);

    [LoggerMessage(2023, LogLevel.Debug, "A service that a rule refers to could not be fetched: {Reason}")]
    private partial void LogPrefetchFailed(string reason);

    [LoggerMessage(2024, LogLevel.Debug, "The control plane could not be told that this proxy leaves: {Reason}")]
    private partial void LogLeaveFailed(string reason);
}
