using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.HealthChecks;

/// <summary>
/// Asks the endpoints of the services that want it, and that this proxy uses, whether they are well. Each endpoint is
/// asked once at a time, and no more than 64 at once, <see cref="ServiceSlots.Count"/> of them of one service. Sleeps while there is nobody to ask.
/// </summary>
internal sealed partial class EndpointHealthChecker : BackgroundService
{
    private const int MaxInFlight = 64;

    /// <summary>The interval between checks differs by up to 10 %, so that the proxies of a mesh do not ask all at once.</summary>
    private const double Jitter = 0.1;

    /// <summary>10 min without requests end a service's checks.</summary>
    private static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(10);

    /// <summary>1 s: how soon new services, endpoints and requests are noticed, and within which the first checks are spread.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ServiceState, ServiceChecks> _services = [];
    private readonly PriorityQueue<EndpointCheck, long> _due = new();
    private readonly Lock _dueLock = new();
    private readonly SemaphoreSlim _slots = new(MaxInFlight);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly ServiceTable _table;
    private readonly HealthCheckClient _client;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger<EndpointHealthChecker> _logger;

    public EndpointHealthChecker(
        ServiceTable table, HealthCheckClient client, TimeProvider time, Random random, ILogger<EndpointHealthChecker> logger)
    {
        _table = table;
        _client = client;
        _time = time;
        _random = random;
        _logger = logger;
        table.Changed += OnChanged;
    }

    public override void Dispose()
    {
        _table.Changed -= OnChanged;
        _slots.Dispose();
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await LoopAsync(stoppingToken);

        // Those in flight are being cancelled; afterwards nobody touches what Dispose takes away.
        for (var i = 0; i < MaxInFlight; i++)
        {
            await _slots.WaitAsync(CancellationToken.None);
        }
    }

    private async Task LoopAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var period = Look();
                await StartDueAsync(_time.GetTimestamp() + Units(LookPeriod), stoppingToken);
                await RestAsync(period, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <param name="longest">Null to rest until somebody wakes it.</param>
    private async Task RestAsync(TimeSpan? longest, CancellationToken stoppingToken)
    {
        if (longest is null)
        {
            await _wake.WaitAsync(stoppingToken);
            return;
        }

        using var timer = new CancellationTokenSource(UntilNext(longest.Value), _time);
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stoppingToken);
        try
        {
            await _wake.WaitAsync(rest.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Somebody is due.
        }
    }

    private void OnChanged(ServiceState state)
    {
        if (PolicyOf(state) is not null)
        {
            Wake();
        }
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    private static HealthCheck? PolicyOf(ServiceState state) => state.Model?.Spec?.Traffic.HealthCheck;

    /// <summary>Begins and ends checks as services come, change, are used and are not.</summary>
    /// <returns>When to look again at the latest; null when no service wants checks.</returns>
    private TimeSpan? Look()
    {
        TimeSpan? period = null;
        var now = _time.GetTimestamp();
        var left = new HashSet<ServiceState>(_services.Keys);
        foreach (var state in _table.All)
        {
            if (state.Model is not { Spec.Traffic.HealthCheck: { } policy } model)
            {
                continue;
            }

            var interval = policy.Interval < LookPeriod ? policy.Interval : LookPeriod;
            period = period < interval ? period : interval;
            if (_time.GetElapsedTime(state.LastUsed, now) < IdleAfter)
            {
                left.Remove(state);
                Follow(state, model, policy, now);
            }
        }

        foreach (var state in left)
        {
            _services.Remove(state, out var checks);
            checks!.Stop();
        }

        return period;
    }

    private void Follow(ServiceState state, ServiceModel model, HealthCheck policy, long now)
    {
        if (!_services.TryGetValue(state, out var checks))
        {
            _services.Add(state, checks = new ServiceChecks(_client, _time));
        }

        foreach (var check in checks.Follow(model, policy))
        {
            var within = check.Interval < LookPeriod ? check.Interval : LookPeriod;
            Enqueue(check, now + Units(within * _random.NextDouble()));
        }
    }

    /// <param name="until">When to stop at the latest: with more to check than can be checked, somebody is always due.</param>
    private async Task StartDueAsync(long until, CancellationToken stoppingToken)
    {
        while (_time.GetTimestamp() < until && TryDequeue(out var check))
        {
            await _slots.WaitAsync(stoppingToken);
            _ = RunAsync(check, stoppingToken);
        }
    }

    private async Task RunAsync(EndpointCheck check, CancellationToken stoppingToken)
    {
        var started = _time.GetTimestamp();
        try
        {
            var (changed, problem) = await check.RunAsync(stoppingToken);
            if (changed is { } isHealthy)
            {
                LogHealth(check.Endpoint.Endpoint.Id, check.Endpoint.Address, isHealthy ? "healthy again" : $"unhealthy: {problem}");
            }

            Enqueue(check, started + Units(check.Interval * (1 + (Jitter * ((2 * _random.NextDouble()) - 1)))));
        }
        catch (OperationCanceledException)
        {
            // The proxy stops.
        }
        finally
        {
            Release(check.Slots);
        }
    }

    private void Release(ServiceSlots slots)
    {
        EndpointCheck? next;
        lock (_dueLock)
        {
            next = slots.Release();
            if (next is not null)
            {
                _due.Enqueue(next, _time.GetTimestamp());
            }
        }

        if (next is not null)
        {
            Wake();
        }

        _slots.Release();
    }

    /// <summary>Finds a check that is due, and takes one of its service's slots for it.</summary>
    private bool TryDequeue(out EndpointCheck check)
    {
        lock (_dueLock)
        {
            while (_due.TryPeek(out check!, out var at) && (check.IsStopped || at <= _time.GetTimestamp()))
            {
                _due.Dequeue();
                if (!check.IsStopped && check.Slots.TryTake(check))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private void Enqueue(EndpointCheck check, long at)
    {
        lock (_dueLock)
        {
            _due.Enqueue(check, at);
        }
    }

    private TimeSpan UntilNext(TimeSpan longest)
    {
        var shortest = TimeSpan.FromMilliseconds(1);
        lock (_dueLock)
        {
            if (!_due.TryPeek(out _, out var at))
            {
                return longest > shortest ? longest : shortest;
            }

            var now = _time.GetTimestamp();
            var wait = _time.GetElapsedTime(now, Math.Max(now, at));
            wait = wait < longest ? wait : longest;
            return wait > shortest ? wait : shortest;
        }
    }

    private long Units(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    [LoggerMessage(2601, LogLevel.Information, "By its health check, endpoint {Endpoint} at {Address} is {Health}")]
    private partial void LogHealth(string endpoint, string address, string health);
}
