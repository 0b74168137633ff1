namespace Mesh.Proxy.Filters;

/// <summary>How often filters of one rule did something. Stays the same object from snapshot to snapshot.</summary>
internal sealed class FilterCounters
{
    public static readonly FilterAction[] Actions = Enum.GetValues<FilterAction>();

    private readonly long[] _counts = new long[Actions.Length];

    public void Count(FilterAction action) => Interlocked.Increment(ref _counts[(int)action]);

    public long CountOf(FilterAction action) => Volatile.Read(ref _counts[(int)action]);
}
