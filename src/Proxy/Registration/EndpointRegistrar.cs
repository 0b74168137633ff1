using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Proxy.ControlPlane;
using Mesh.Proxy.HealthChecks;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Identity;

namespace Mesh.Proxy.Registration;

/// <summary>
/// Registers the application's endpoint, or this proxy as a gateway, once its health check passes, renews its lease, reports when it becomes ill
/// and well, and on SIGTERM announces that it leaves before the listeners close.
/// </summary>
internal sealed partial class EndpointRegistrar(
    IControlPlane client,
    IHealthCheck check,
    IInboundAddress inbound,
    EndpointRegistration registration,
    DrainOptions drain,
    ProxyIdentity identity,
    TimeProvider time,
    ILogger<EndpointRegistrar> logger) : BackgroundService, IHostedLifecycleService
{
    /// <summary>A third of the lease.</summary>
    private static readonly TimeSpan RenewalPeriod = TimeSpan.FromSeconds(5);

    /// <summary>Between checks until the first one passes: an application just started is waited for, not visited.</summary>
    private static readonly TimeSpan StartPeriod = TimeSpan.FromMilliseconds(200);

    private readonly HealthJudge _judge = new(registration.HealthCheck.UnhealthyAfter);
    private EndpointState? _registered;
    private long _registeredAt;
    private string? _lastReason;
    private bool _isFailing;

    /// <summary>Orders announcements, so that a late "ready" cannot overtake the leaving.</summary>
    private readonly SemaphoreSlim _announcing = new(1);
    private bool _isLeaving;
    private bool _hasLeft;

    private ServiceName Service => registration.Service;

    private string EndpointId => registration.EndpointId;

    /// <summary>Why the application is not registered as ready; null when it is.</summary>
    public string? Problem => _judge.IsHealthy == true
        ? (_registered is not null ? null : "its endpoint is not registered yet, because the control plane cannot be asked")
        : _lastReason ?? "its first health check has not finished yet";

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        _announcing.Dispose();
        base.Dispose();
    }

    /// <summary>
    /// Runs before any listener closes: peers are told, given time to hear it, and only then is the endpoint removed.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await TryAnnounceLeaving(cancellationToken))
            {
                LogDraining(Service, EndpointId, drain.Delay.TotalSeconds);
                await Task.Delay(drain.Delay, time, cancellationToken);
                await Deregister(cancellationToken);
            }
        }
        catch (Exception exception)
        {
            // Peers notice by refused connections, and the lease runs out.
            LogLeaveFailed(exception.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The announced port is known once the listener is bound.
        await inbound.WhenBound.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CheckOnce(stoppingToken);
                await RegisterIfDue();
                await Task.Delay(_judge.IsHealthy is null ? StartPeriod : UntilNext(), time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Until the next check, or the next renewal if that is sooner: a lease does not wait for a rare check.</summary>
    private TimeSpan UntilNext()
    {
        var untilRenewal = RenewalPeriod - time.GetElapsedTime(_registeredAt);
        return _registered is null || untilRenewal > registration.HealthCheck.Interval
            ? registration.HealthCheck.Interval
            : TimeSpan.FromTicks(Math.Max(untilRenewal.Ticks, StartPeriod.Ticks));
    }

    private async Task CheckOnce(CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(registration.HealthCheck.Timeout);
        string? reason;
        try
        {
            reason = await check.Check(limit.Token);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            reason = exception is OperationCanceledException
                ? $"no answer within {registration.HealthCheck.Timeout.TotalSeconds:0.#} s"
                : exception.Message;
        }

        var before = _judge.IsHealthy;
        _judge.Report(reason is null);
        _lastReason = reason;
        if (_judge.IsHealthy != before)
        {
            LogHealth(Service, _judge.IsHealthy == true ? "healthy" : "unhealthy", reason ?? "the check passed");
        }
    }

    private async Task RegisterIfDue()
    {
        if (_judge.IsHealthy is not { } isHealthy || !client.HasBeenConnected)
        {
            return;
        }

        var state = isHealthy ? EndpointState.Ready : EndpointState.NotReady;
        var isDue = state != _registered || time.GetElapsedTime(_registeredAt) >= RenewalPeriod;
        if (!isDue)
        {
            return;
        }

        try
        {
            await Announce(state);
            _isFailing = false;
        }
        catch (Exception exception)
        {
            if (!_isFailing)
            {
                LogRegisterFailed(Service, exception.Message);
            }

            _isFailing = true;
        }
    }

    private async Task Announce(EndpointState state)
    {
        await _announcing.WaitAsync();
        try
        {
            if (!_hasLeft)
            {
                await Register(_isLeaving ? EndpointState.Draining : state);
            }
        }
        finally
        {
            _announcing.Release();
        }
    }

    /// <returns>False when there is nothing to take leave of.</returns>
    private async Task<bool> TryAnnounceLeaving(CancellationToken cancellationToken)
    {
        await _announcing.WaitAsync(cancellationToken);
        try
        {
            _isLeaving = true;
            if (_registered is null)
            {
                _hasLeft = true;
                return false;
            }

            await Register(EndpointState.Draining).WaitAsync(cancellationToken);
            return true;
        }
        finally
        {
            _announcing.Release();
        }
    }

    /// <summary>The last word: nothing is announced after it, however long requests in flight keep the process.</summary>
    private async Task Deregister(CancellationToken cancellationToken)
    {
        await _announcing.WaitAsync(cancellationToken);
        try
        {
            _hasLeft = true;
            await client.Gateway.Deregister(Service, EndpointId).WaitAsync(cancellationToken);
        }
        finally
        {
            _announcing.Release();
        }
    }

    private async Task Register(EndpointState state)
    {
        await client.Gateway.Register(Service, EndpointId, new EndpointSpec
        {
            Host = registration.Host ?? inbound.Host,
            Port = registration.Port ?? inbound.Port,
            Protocol = registration.Protocol,
            Zone = registration.Zone,
            Weight = registration.Weight,
            Labels = registration.Labels,
            Identity = identity.Current?.SpiffeId,
            State = state,
        });
        if (_registered is null)
        {
            LogRegistered(Service, EndpointId, registration.Host ?? inbound.Host, registration.Port ?? inbound.Port);
        }

        _registered = state;
        _registeredAt = time.GetTimestamp();
    }

    [LoggerMessage(2201, LogLevel.Information, "Registered {Service} endpoint {Endpoint} at {Host}:{Port}")]
    private partial void LogRegistered(ServiceName service, string endpoint, string host, int port);

    [LoggerMessage(2202, LogLevel.Warning, "{Service} could not be registered: {Reason}. Trying again")]
    private partial void LogRegisterFailed(ServiceName service, string reason);

    [LoggerMessage(2203, LogLevel.Information, "The application of {Service} is {Health}: {Reason}")]
    private partial void LogHealth(ServiceName service, string health, string reason);

    [LoggerMessage(2204, LogLevel.Information, "{Service} endpoint {Endpoint} is leaving: announced, and taking requests for {Seconds:0.#} s more")]
    private partial void LogDraining(ServiceName service, string endpoint, double seconds);

    [LoggerMessage(2205, LogLevel.Warning, "The endpoint could not be announced as leaving: {Reason}. Its lease will end it")]
    private partial void LogLeaveFailed(string reason);
}
