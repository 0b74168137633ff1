using System.Collections.Immutable;

namespace Mesh.Grains.RateLimits;

/// <summary>Who has which part of a rate limit. Immutable; <see cref="RateShareReducer"/> makes the next one.</summary>
/// <param name="Since">When it began to be kept: shares given before are known only by what their holders say.</param>
internal sealed record RateShareState(DateTimeOffset Since, ImmutableDictionary<string, RateShareHolder> Holders)
{
    public static RateShareState Empty(DateTimeOffset now) => new(now, ImmutableDictionary<string, RateShareHolder>.Empty);
}
