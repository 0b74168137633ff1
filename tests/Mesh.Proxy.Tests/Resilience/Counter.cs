namespace Mesh.Proxy.Tests.Resilience;

/// <summary>A number that many threads count up.</summary>
internal sealed class Counter
{
    private int _value;

    public int Value => Volatile.Read(ref _value);

    public int Next() => Interlocked.Increment(ref _value);
}
