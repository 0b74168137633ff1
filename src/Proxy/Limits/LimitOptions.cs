namespace Mesh.Proxy.Limits;

/// <summary>What the proxy itself can bear: section <c>Mesh:Limits</c>.</summary>
internal sealed class LimitOptions
{
    /// <value>Requests in flight, outbound and inbound together, above which new ones are refused. Default 10,000.</value>
    public int MaxRequests { get; set; } = 10_000;

    /// <value>
    /// Percent of the memory the process may have (a container's limit, else the machine's) above which new requests are
    /// refused; 0 for no such limit. Default 90.
    /// </value>
    public int MaxMemoryPercent { get; set; } = 90;

    /// <value>How late the thread pool may be with its work before new requests are refused; zero for no such limit. Default 5 s.</value>
    public TimeSpan MaxQueueDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Names what is wrong by its key.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxRequests < 1)
        {
            yield return $"Mesh:Limits:MaxRequests is {MaxRequests}; it must be at least 1.";
        }

        if (MaxMemoryPercent is < 0 or > 100)
        {
            yield return $"Mesh:Limits:MaxMemoryPercent is {MaxMemoryPercent}; it must be from 0 to 100.";
        }

        if (MaxQueueDelay != TimeSpan.Zero && (MaxQueueDelay < LoadShedder.Period * 4 || MaxQueueDelay > TimeSpan.FromHours(1)))
        {
            yield return $"Mesh:Limits:MaxQueueDelay is {MaxQueueDelay}; it must be 0, or from {LoadShedder.Period * 4} to 01:00:00.";
        }
    }
}
