namespace Mesh.Benchmarks.Measuring;

/// <summary>Percentiles by the nearest-rank method: always a value that was measured.</summary>
internal static class Percentiles
{
    /// <param name="percent">Above 0, up to 100.</param>
    public static double Of(IEnumerable<double> values, double percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100) - 1)];
    }

    public static double Median(IEnumerable<double> values) => Of(values, 50);
}
