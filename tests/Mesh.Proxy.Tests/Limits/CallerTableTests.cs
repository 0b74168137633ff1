using Mesh.Proxy.Limits;

namespace Mesh.Proxy.Tests.Limits;

public sealed class CallerTableTests
{
    private static readonly GcraRate OnePerSecond = GcraRate.Of(1, TimeSpan.FromSeconds(1), 1, frequency: 1_000);

    [Fact]
    public void Remembers_each_caller()
    {
        var table = new CallerTable(100);

        Assert.True(table.Get(1, 0).TryTake(0, OnePerSecond, out _));
        Assert.False(table.Get(1, 0).TryTake(0, OnePerSecond, out _));
        Assert.True(table.Get(2, 0).TryTake(0, OnePerSecond, out _));
    }

    [Fact]
    public void Is_bounded_and_forgets_who_asked_longest_ago()
    {
        var table = new CallerTable(100);
        for (var caller = 0UL; caller < 1_000; caller++)
        {
            table.Get(caller, (long)caller).TryTake((long)caller, OnePerSecond, out _);
            Assert.InRange(table.Count, 1, 101);
        }

        // All of them still wait for their second to be over; the last are the ones that are remembered.
        Assert.False(table.Get(999, 1_000).TryTake(1_000, OnePerSecond, out _));
        Assert.True(table.Get(800, 1_000).TryTake(1_000, OnePerSecond, out _));
    }

    [Fact]
    public void Forgets_the_idle_first()
    {
        var table = new CallerTable(10);
        for (var caller = 0UL; caller < 9; caller++)
        {
            table.Get(caller, 0).TryTake(0, OnePerSecond, out _);
        }

        table.Get(100, 5_000).TryTake(5_000, OnePerSecond, out _);
        table.Get(101, 5_000).TryTake(5_000, OnePerSecond, out _);

        Assert.False(table.Get(100, 5_000).TryTake(5_000, OnePerSecond, out _));
        Assert.InRange(table.Count, 1, 3);
    }

    [Fact]
    public async Task Many_threads_keep_it_bounded()
    {
        var table = new CallerTable(100);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                table.Get((ulong)((i * 4) + thread), i).TryTake(i, OnePerSecond, out var _);
            }
        })));

        table.Get(ulong.MaxValue, 0);
        Assert.InRange(table.Count, 1, 150);
    }
}
