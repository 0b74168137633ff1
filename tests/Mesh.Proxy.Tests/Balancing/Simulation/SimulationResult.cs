using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Tests.Balancing.Simulation;

/// <summary>What happened in a simulation.</summary>
internal sealed class SimulationResult(int endpoints, int requests)
{
    private readonly int[] _counts = new int[endpoints];
    private readonly double[] _latencies = new double[requests];
    private double _imbalance;
    private int _observations;

    /// <summary>The share of requests that each endpoint got.</summary>
    public double[] Shares => Array.ConvertAll(_counts, count => (double)count / requests);

    /// <summary>The most requests in flight at one endpoint over the mean of all, on average over time.</summary>
    public double Imbalance => _imbalance / _observations;

    /// <summary>In milliseconds.</summary>
    public double Percentile(double percent)
    {
        var sorted = _latencies.Order().ToArray();
        return sorted[(int)(percent / 100 * (sorted.Length - 1))];
    }

    public void Record(int request, int position, double latency)
    {
        _counts[position]++;
        _latencies[request] = latency;
    }

    public void Observe(UpstreamEndpoint[] all)
    {
        var total = all.Sum(static endpoint => endpoint.Stats.InFlight);
        _imbalance += all.Max(static endpoint => endpoint.Stats.InFlight) * (double)all.Length / total;
        _observations++;
    }
}
