using System.Net;

namespace Mesh.Abstractions.Connections;

/// <summary>
/// Counts credentials that were no good, by where they came from: more than ten a minute are answered 429. Good ones are
/// taken all the same, so that nobody is locked out by a neighbour.
/// </summary>
public sealed class FailedLogins(TimeProvider time)
{
    public const int Most = 10;

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Addresses that are told apart; the failures of others are counted together.</summary>
    private const int MaxAddresses = 10_000;

    private readonly SourceCounts<UInt128> _failures = new(MaxAddresses, Period, time);

    /// <summary>Of all who find no room among those that are told apart.</summary>
    private readonly SourceCounts<int> _others = new(1, Period, time);

    /// <param name="address">Where they came from; those of whom it is not known are one place.</param>
    /// <returns>How long whoever fails now has to wait; null when they need not.</returns>
    public TimeSpan? Count(IPAddress? address)
    {
        var (count, age) = _failures.Count(SourceNetwork.Of(address)) ?? _others.Count(0)!.Value;
        return count > Most ? Period - age : null;
    }
}
