using Mesh.Abstractions.Services;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Access;

/// <summary>Applies changes of who may call to what is under way, within a second: streams and WebSockets may last for days.</summary>
internal sealed class AccessEnforcer(DataPathOptions options, ServiceTable services, AccessGuard guard, AccessStats stats, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Service is not { } service)
        {
            return;
        }

        var applied = (Access: AccessModel.None, Settings: (NamespaceSettings?)null, Mtls: MtlsMode.Permissive);
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (services.TryGet(service, out var state) && state.Model is { } model
                    && (model.Access, model.Namespace.Settings, model.Spec?.Mtls ?? MtlsMode.Permissive) is var current && current != applied)
                {
                    applied = current;
                    stats.Forget(model.Access.Policy.Rules);
                    guard.Enforce(model);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The proxy stops.
        }
    }
}
