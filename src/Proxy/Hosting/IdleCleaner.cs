using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Hosting;

/// <summary>Once a minute forgets services that do not exist any longer, and closes connections whose policy no service has.</summary>
internal sealed class IdleCleaner(UpstreamClients clients, ServiceTable services, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                services.Sweep();
                clients.CloseUnused(services.All);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The proxy stops.
        }
    }
}
