using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Hosting;

/// <summary>Closes connections whose policy no service has any longer.</summary>
internal sealed class ClientCleaner(UpstreamClients clients, ServiceTable services, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                clients.CloseUnused(services.All);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The proxy stops.
        }
    }
}
