using System.Collections.Immutable;
using Mesh.Abstractions.RateLimits;

namespace Mesh.Grains.RateLimits;

/// <summary>
/// Divides a limit among proxies by their demand, each getting what it wants as long as nobody gets more by wanting more
/// (max-min fairness). Parts that are valid at the same time never add up to more than the whole.
/// </summary>
internal static class RateShareReducer
{
    /// <summary>1 s: so long may a proxy that died or went idle keep its part from others.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(1);

    /// <summary>A proxy gets more than it used, so that it can grow without being refused.</summary>
    private const double Headroom = 2;

    /// <summary>What all proxies that use next to nothing may want together: many of them must not take a busy one's part.</summary>
    private const double Least = 1.0 / 16;

    /// <summary>
    /// What is never divided, but kept for those who come while the rest is taken: half of what is left of it for each.
    /// Who got nothing could let no request through, and one with few requests would not ask again before others have
    /// taken all anew.
    /// </summary>
    private const double Reserve = 1.0 / 64;

    /// <summary>Proxies that are remembered at once; a hostile one could invent names.</summary>
    private const int MostHolders = 10_000;

    public static (RateShareState State, RateShare Share) Lease(RateShareState state, string proxy, RateDemand demand, DateTimeOffset now)
    {
        var others = state.Holders.Remove(proxy);
        others = others.RemoveRange(others.Where(holder => holder.Value.Until <= now).Select(static holder => holder.Key));
        if (others.Count >= MostHolders)
        {
            return (state with { Holders = others }, new RateShare { Part = 0, ValidFor = Validity });
        }

        var wanted = Math.Clamp(double.IsFinite(demand.Wanted) ? demand.Wanted * Headroom : 1, Least / (others.Count + 1), 1);
        var free = 1.0;
        foreach (var other in others.Values)
        {
            free -= other.Part;
        }

        var part = Math.Max(0, Math.Min(Math.Min(wanted, FairPart(wanted, others)), Math.Max(free - Reserve, free / 2)));

        // Of a state that has just begun nobody knows who else still goes by an older one: who has a part keeps to it.
        if (demand.Held > 0 && now < state.Since + Validity)
        {
            part = Math.Min(part, demand.Held);
        }

        var next = state with { Holders = others.Add(proxy, new RateShareHolder(wanted, part, now + Validity)) };
        return (next, new RateShare { Part = part, ValidFor = Validity });
    }

    /// <summary>The level to which all parts are filled until all but the reserve is used up: who wants less leaves the rest to the others.</summary>
    private static double FairPart(double wanted, ImmutableDictionary<string, RateShareHolder> others)
    {
        var left = 1 - Reserve;
        var count = others.Count + 1;
        foreach (var want in others.Values.Select(static other => other.Wanted).Append(wanted).Order())
        {
            if (want > left / count)
            {
                break;
            }

            left -= want;
            count--;
        }

        return count == 0 ? 1 - Reserve : left / count;
    }
}
