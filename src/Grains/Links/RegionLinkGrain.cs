using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Regions;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Links;

/// <inheritdoc cref="IRegionLinkGrain"/>
internal sealed class RegionLinkGrain(PeerRegions peers, LinkStore store, ILoggerFactory loggers, TimeProvider time) : Grain, IRegionLinkGrain, IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private RegionLink? _link;
    private Task _running = Task.CompletedTask;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (peers.Find(this.GetPrimaryKeyString()) is { } peer)
        {
            _link = new RegionLink(peer, store, service => GrainFactory.GetGrain<IServiceGrain>(service.ToString()), loggers, time);

            // Not awaited: it goes on, in turns of this grain, for as long as the grain lives.
            _running = _link.Run(_ending.Token);
        }

        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        await _running;
    }

    public Task<RegionLinkView?> GetStatus()
    {
        if (_link is null)
        {
            DeactivateOnIdle();
        }

        return Task.FromResult(_link?.Status);
    }

    public void Dispose() => _ending.Dispose();
}
