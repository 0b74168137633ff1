using System.Collections.Concurrent;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Services;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.ControlPlane;

/// <inheritdoc cref="IServiceSource"/>
internal sealed partial class ServiceSource(
    IControlPlane client,
    Subscriptions subscriptions,
    ServiceTable table,
    IOptions<ProxyOptions> options,
    TimeProvider time,
    ILogger<ServiceSource> logger) : IServiceSource
{
    /// <summary>The longest a request waits to learn of its service.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly UnknownNames _unknown = new(time);
    private readonly string _namespace = options.Value.EffectiveNamespace;

    /// <summary>Requests that ask for the same host at the same time wait for the same answer.</summary>
    private readonly ConcurrentDictionary<string, Lazy<Task<ServiceLookup>>> _asking = new(StringComparer.OrdinalIgnoreCase);

    public ValueTask<ServiceLookup> FindAsync(string host, CancellationToken cancellationToken)
    {
        var known = Known(host);
        if (known is { IsLive: true } || (known is not null && (!client.IsConnected || _unknown.Contains(host))))
        {
            return ValueTask.FromResult(ServiceLookup.Found(known));
        }

        if (_unknown.Contains(host))
        {
            return ValueTask.FromResult(ServiceLookup.Failed(LookupFailure.UnknownService));
        }

        var answer = _asking.GetOrAdd(host, static (host, source) => new(() => source.Ask(host)), this).Value;
        return new ValueTask<ServiceLookup>(answer.WaitAsync(cancellationToken));
    }

    private async Task<ServiceLookup> Ask(string host)
    {
        using var limit = new CancellationTokenSource(Timeout, time);
        try
        {
            return await AskControlPlane(host, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception exception)
        {
            LogAskFailed(host, exception.Message);
            return Known(host) is { } known ? ServiceLookup.Found(known) : ServiceLookup.Failed(LookupFailure.ControlPlaneUnreachable);
        }
        finally
        {
            _asking.TryRemove(host, out _);
        }
    }

    private async Task<ServiceLookup> AskControlPlane(string host, CancellationToken cancellationToken)
    {
        // A proxy that has just started gives the connection a chance; one that has lost it does not wait.
        if (!client.HasBeenConnected)
        {
            await client.WhenConnected.WaitAsync(cancellationToken);
        }

        if (Known(host) is { } known)
        {
            await subscriptions.Add(known.Name);
            if (Known(host) is { IsLive: true } renewed)
            {
                return ServiceLookup.Found(renewed);
            }
        }

        // Nothing is known of the host, or its newest snapshot has given the host away.
        var resolved = await client.Gateway.Resolve(_namespace, host);
        if (resolved.Service is { } service && await subscriptions.Add(service))
        {
            // By its name: another thread may still be entering the snapshot's aliases.
            return table.TryGet(service, out var added) && added.Model is not null
                ? ServiceLookup.Found(added)
                : throw new TimeoutException($"{service} did not answer");
        }

        _unknown.Add(host);
        return Known(host) is { } last ? ServiceLookup.Found(last) : ServiceLookup.Failed(LookupFailure.UnknownService);
    }

    private ServiceState? Known(ReadOnlySpan<char> host) =>
        table.TryFind(host, out var service) && service.Model is not null ? service : null;

    [LoggerMessage(2031, LogLevel.Debug, "The control plane could not be asked for {Host}: {Reason}")]
    private partial void LogAskFailed(string host, string reason);
}
