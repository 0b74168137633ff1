using Mesh.Proxy.ControlPlane;

namespace Mesh.Proxy.Limits;

/// <summary>Asks the control plane for this proxy's parts of rate limits, as requests need them.</summary>
internal sealed partial class RateShareLeaser(IControlPlane client, RateShareRequests requests, TimeProvider time, ILogger<RateShareLeaser> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var limiter in requests.Due.ReadAllAsync(stoppingToken))
            {
                if (client.IsConnected)
                {
                    // Not awaited: one service whose grain is slow must not keep the others from their parts.
                    _ = AskAsync(limiter);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The proxy stops.
        }
    }

    private async Task AskAsync(ServiceRateLimiter limiter)
    {
        var askedAt = time.GetTimestamp();
        var demand = limiter.TakeDemand(askedAt);
        try
        {
            if (await client.Gateway.LeaseRate(limiter.Service, demand) is { } share)
            {
                limiter.Use(share, demand, askedAt);
            }
        }
        catch (Exception exception)
        {
            LogAskFailed(limiter.Service.ToString(), exception.Message);
        }
    }

    [LoggerMessage(2031, LogLevel.Debug, "No new part of the rate limit of {Service}, the last one stays: {Reason}")]
    private partial void LogAskFailed(string service, string reason);
}
