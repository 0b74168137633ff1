using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.HealthChecks;

/// <summary>The health checks of one endpoint by one policy. It goes on as long as endpoint, protocol and policy are the same.</summary>
internal sealed class EndpointCheck
{
    /// <summary>1 min: an endpoint that hangs must not keep its slot for as long as an interval may be.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(1);

    private readonly HealthCheck _policy;
    private readonly ServiceProtocol _protocol;
    private readonly PoolMemory _memory;
    private readonly IHealthCheck _check;
    private readonly HealthJudge _judge;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private volatile bool _isStopped;

    /// <param name="slots">What it shares with the other checks of its service.</param>
    public EndpointCheck(
        HealthCheck policy, UpstreamEndpoint endpoint, PoolMemory memory, ServiceSlots slots, HealthCheckClient client, TimeProvider time)
    {
        _policy = policy;
        _protocol = endpoint.Protocol;
        _memory = memory;
        _time = time;
        Slots = slots;
        Endpoint = endpoint;
        Interval = Clamp(policy.Interval, TimeSpan.FromHours(1));
        _timeout = Clamp(policy.Timeout, Interval < LongestTimeout ? Interval : LongestTimeout);

        // Who has not been checked yet is well, as for a service without checks.
        _judge = new HealthJudge(policy.UnhealthyThreshold, policy.HealthyThreshold, isHealthy: !endpoint.Stats.Health.IsFailing);
        var (host, port) = (endpoint.Endpoint.Host, endpoint.Endpoint.Port);
        _check = policy.Type switch
        {
            HealthCheckProtocol.Tcp => new TcpHealthCheck(host, port),
            HealthCheckProtocol.Grpc => new GrpcHealthCheck(client.HandlerFor(endpoint), host, port, policy.GrpcService ?? ""),
            _ => new HttpHealthCheck(
                client.HandlerFor(endpoint), host, port, policy.Path, endpoint.Protocol is ServiceProtocol.Http2 or ServiceProtocol.Grpc, lastGoodStatus: 299),
        };
    }

    public ServiceSlots Slots { get; }

    public UpstreamEndpoint Endpoint { get; }

    public TimeSpan Interval { get; }

    public bool IsStopped => _isStopped;

    public bool IsFor(HealthCheck policy, UpstreamEndpoint endpoint) =>
        _policy == policy && _protocol == endpoint.Protocol && Endpoint.Stats == endpoint.Stats && Endpoint.SecureHost == endpoint.SecureHost;

    /// <summary>Checks once.</summary>
    /// <returns>Whether the endpoint is healthy from now on, if that changed; else null. And what is wrong.</returns>
    public async Task<(bool? Changed, string? Problem)> RunAsync(CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        string? problem;
        try
        {
            problem = await _check.Check(either.Token);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            problem = limit.IsCancellationRequested ? $"no answer within {_timeout.TotalSeconds:0.###} s" : exception.Message;
        }

        // gRPC reports its own cancellation as an answer.
        stopping.ThrowIfCancellationRequested();
        return (Record(problem), problem);
    }

    /// <summary>Ends it; what it found out stays until <see cref="CheckedHealth.Forget"/>.</summary>
    public void Stop()
    {
        _isStopped = true;
        (_check as IDisposable)?.Dispose();
    }

    /// <summary>Ends it because nobody checks the endpoint any more.</summary>
    public void StopAndForget()
    {
        Stop();
        lock (_memory.Gate.Lock)
        {
            Endpoint.Stats.Health.Forget();
            _memory.Gate.Changed();
        }
    }

    private static TimeSpan Clamp(TimeSpan wanted, TimeSpan longest)
    {
        var shortest = TimeSpan.FromMilliseconds(1);
        return wanted < shortest ? shortest : wanted < longest ? wanted : longest;
    }

    private bool? Record(string? problem)
    {
        var stats = Endpoint.Stats;
        lock (_memory.Gate.Lock)
        {
            if (_isStopped)
            {
                return null;
            }

            stats.Health.Count(problem);
            _judge.Report(problem is null);
            var isFailing = _judge.IsHealthy == false;
            if (stats.Health.IsFailing == isFailing)
            {
                return null;
            }

            if (!isFailing)
            {
                stats.Join(_time.GetTimestamp());
            }

            stats.Health.IsFailing = isFailing;
            _memory.Gate.Changed();
            return !isFailing;
        }
    }
}
