namespace Mesh.Benchmarks.Cost;

/// <param name="Latency99">In milliseconds.</param>
/// <param name="Failures">Answers other than 2xx and 3xx, and socket errors.</param>
internal sealed record WrkResult(long Requests, double RequestsPerSecond, double Latency99, long Failures);
