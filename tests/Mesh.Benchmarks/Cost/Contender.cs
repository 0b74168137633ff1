namespace Mesh.Benchmarks.Cost;

/// <summary>One of the proxies compared.</summary>
/// <param name="ProcessId">Its process; those it forked count too.</param>
/// <param name="Host">The <c>Host</c> that requests name.</param>
internal sealed record Contender(string Name, int ProcessId, Uri Address, string Host)
{
    /// <summary>CPU per request in microseconds, one figure per round.</summary>
    public List<double> MicrosecondsPerRequest { get; } = [];

    public List<double> RequestsPerSecond { get; } = [];

    /// <summary>The 99th percentile of latency in milliseconds, one figure per round.</summary>
    public List<double> Latencies { get; } = [];

    public long Failures { get; set; }
}
