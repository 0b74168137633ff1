namespace Mesh.Proxy.Balancing;

/// <summary>
/// Which share of the requests each level of nearness gets (Envoy's priority load): a level keeps what it can carry,
/// and what is missing spills over to the next one, in proportion to what is missing.
/// </summary>
internal static class LocalityLoads
{
    /// <param name="healthy">Of each level, nearest first: how many of its endpoints get requests.</param>
    /// <param name="total">Of each level: how many endpoints it has.</param>
    /// <param name="overprovisioning">By which the healthy share is overrated; 1.4 for 140 %.</param>
    /// <param name="loads">Takes the shares; their sum is 1, or 0 when nobody is healthy.</param>
    public static void Compute(ReadOnlySpan<int> healthy, ReadOnlySpan<int> total, double overprovisioning, Span<double> loads)
    {
        var sum = 0.0;
        for (var i = 0; i < loads.Length; i++)
        {
            loads[i] = total[i] == 0 ? 0 : Math.Min(1, overprovisioning * healthy[i] / total[i]);
            sum += loads[i];
        }

        if (sum == 0)
        {
            return;
        }

        // Together they cannot carry everything: each gets more than it should, in proportion.
        var scale = sum < 1 ? 1 / sum : 1;
        var left = 1.0;
        for (var i = 0; i < loads.Length; i++)
        {
            loads[i] = Math.Min(left, loads[i] * scale);
            left -= loads[i];
        }
    }
}
