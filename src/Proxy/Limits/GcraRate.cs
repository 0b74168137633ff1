namespace Mesh.Proxy.Limits;

/// <summary>So many requests in so much time, in timestamp units.</summary>
/// <param name="Interval">Between requests on schedule.</param>
/// <param name="Tolerance">How far before its schedule a request may come.</param>
internal sealed record GcraRate(long Interval, long Tolerance)
{
    /// <summary>1 day in the future is as good as never, and adding a few of them does not overflow.</summary>
    private const double LongestSeconds = 86_400;

    /// <summary>No request is allowed, and when one will be is not known.</summary>
    public bool IsNothing { get; private init; }

    /// <param name="requests">In <paramref name="per"/>; a fraction is possible, and 0 for none at all, of which <see cref="Interval"/> is then 1 s.</param>
    /// <param name="burst">How many may come at once; at least one.</param>
    /// <param name="frequency">Timestamp units per second.</param>
    public static GcraRate Of(double requests, TimeSpan per, double burst, long frequency)
    {
        if (requests <= 0)
        {
            return new GcraRate(frequency, 0) { IsNothing = true };
        }

        var longest = LongestSeconds * frequency;
        var interval = Math.Clamp(per.TotalSeconds * frequency / requests, 1, longest);
        return new GcraRate((long)interval, (long)Math.Min(Math.Max(burst - 1, 0) * interval, longest));
    }
}
