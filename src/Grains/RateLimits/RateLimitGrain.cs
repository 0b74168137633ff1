using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.RateLimits;

namespace Mesh.Grains.RateLimits;

/// <inheritdoc cref="IRateLimitGrain"/>
internal sealed class RateLimitGrain(TimeProvider time) : Grain, IRateLimitGrain
{
    private RateShareState _state = null!;
    private bool _isKnown;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _state = RateShareState.Empty(time.GetUtcNow());
        _isKnown = ServiceName.TryParse(this.GetPrimaryKeyString(), out var service)
            && (await GrainFactory.GetGrain<ICatalogGrain>(ICatalogGrain.Key).FindMissing([service])).Count == 0;
    }

    public Task<RateShare?> Lease(string proxyId, RateDemand demand)
    {
        if (!_isKnown)
        {
            // A name nobody registered must cost nothing that stays.
            DeactivateOnIdle();
            return Task.FromResult<RateShare?>(null);
        }

        (_state, var share) = RateShareReducer.Lease(_state, proxyId, demand, time.GetUtcNow());
        return Task.FromResult<RateShare?>(share);
    }
}
