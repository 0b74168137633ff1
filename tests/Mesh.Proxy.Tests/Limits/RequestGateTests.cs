using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Limits;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Limits;

public sealed class RequestGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RequestGate _gate = new();

    [Fact]
    public async Task Lets_in_as_many_as_may_and_refuses_the_rest()
    {
        Update(concurrent: 2);

        Assert.Equal(
            [GateOutcome.Entered, GateOutcome.Entered, GateOutcome.Refused],
            [await Enter(), await Enter(), await Enter()]);
        _gate.Leave();
        Assert.Equal(GateOutcome.Entered, await Enter());
    }

    [Fact]
    public async Task Those_that_wait_come_in_in_their_order()
    {
        Update(concurrent: 1, pending: 2);
        await Enter();
        var (second, third) = (Enter(), Enter());
        Assert.Equal(GateOutcome.Refused, await Enter());
        Assert.Equal((1, 2), (_gate.InFlight, _gate.Waiting));

        _gate.Leave();
        Assert.Equal(GateOutcome.Entered, await second.WaitAsync(Eventually.Deadline, TimeProvider.System));
        Assert.False(third.IsCompleted);
        Assert.False(_gate.TryEnter());

        _gate.Leave();
        Assert.Equal(GateOutcome.Entered, await third.WaitAsync(Eventually.Deadline, TimeProvider.System));
        Assert.Equal((1, 0), (_gate.InFlight, _gate.Waiting));
    }

    [Theory]
    [InlineData(null, 1_000)]
    [InlineData(200, 200)]
    [InlineData(5_000, 1_000)]
    public async Task A_wait_ends_with_its_own_time_or_the_requests(int? left, int expected)
    {
        Update(concurrent: 1, pending: 1);
        await Enter();
        var waiting = _gate.EnterAsync(left is { } some ? TimeSpan.FromMilliseconds(some) : null, _time, CancellationToken.None).AsTask();

        _time.Advance(TimeSpan.FromMilliseconds(expected - 1));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(GateOutcome.TimedOut, await waiting.WaitAsync(Eventually.Deadline, TimeProvider.System));
        Assert.Equal((1, 0), (_gate.InFlight, _gate.Waiting));
    }

    [Fact]
    public async Task Who_leaves_while_waiting_is_not_waited_for()
    {
        Update(concurrent: 1, pending: 2);
        await Enter();
        using var leave = new CancellationTokenSource();
        var second = _gate.EnterAsync(null, _time, leave.Token).AsTask();
        var third = Enter();

        await leave.CancelAsync();
        Assert.Equal(GateOutcome.Abandoned, await second.WaitAsync(Eventually.Deadline, TimeProvider.System));
        _gate.Leave();

        Assert.Equal(GateOutcome.Entered, await third.WaitAsync(Eventually.Deadline, TimeProvider.System));
    }

    [Fact]
    public async Task New_numbers_apply_to_those_inside_and_those_waiting()
    {
        Update(concurrent: 1, pending: 3);
        await Enter();
        var (second, third) = (Enter(), Enter());

        Update(concurrent: 2, pending: 3);
        Assert.Equal(GateOutcome.Entered, await second.WaitAsync(Eventually.Deadline, TimeProvider.System));
        Assert.False(third.IsCompleted);

        Update(concurrent: 1, pending: 3);
        _gate.Leave();
        Assert.Equal((1, 1), (_gate.InFlight, _gate.Waiting));

        _gate.Update(null, endpoints: 1);
        Assert.Equal(GateOutcome.Entered, await third.WaitAsync(Eventually.Deadline, TimeProvider.System));
        Assert.Equal(2, _gate.InFlight);
    }

    [Theory]
    [InlineData(null, 3, 4, 12)]
    [InlineData(5, 3, 4, 5)]
    [InlineData(50, 3, 4, 12)]
    [InlineData(null, 3, 0, 3)]
    [InlineData(null, 1_000_000, 10_000, int.MaxValue)]
    public void No_more_than_all_endpoints_together_may_get(int? concurrent, int each, int endpoints, int capacity)
    {
        _gate.Update(new RequestLimits { Concurrent = concurrent, ConcurrentPerEndpoint = each }, endpoints);

        Assert.Equal(capacity, _gate.Capacity);
    }

    [Fact]
    public async Task Under_stress_nobody_is_lost_and_the_limit_holds()
    {
        const int Limit = 5;
        Update(Limit, pending: 1_000);
        var inside = 0;
        var most = 0;
        var outcomes = new int[Enum.GetValues<GateOutcome>().Length];
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                using var leave = new CancellationTokenSource();
                var entering = _gate.EnterAsync(null, TimeProvider.System, leave.Token);
                if (i % 7 == worker % 7)
                {
                    await leave.CancelAsync();
                }

                var outcome = await entering;
                Interlocked.Increment(ref outcomes[(int)outcome]);
                if (outcome == GateOutcome.Entered)
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref inside));
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                    _gate.Leave();
                }
            }
        })));

        Assert.InRange(most, 1, Limit);
        Assert.Equal((0, 0), (_gate.InFlight, _gate.Waiting));
        Assert.Equal(0, outcomes[(int)GateOutcome.Refused]);
        Assert.True(outcomes[(int)GateOutcome.Entered] > 16 * 2_000 / 2);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private void Update(int concurrent, int pending = 0) =>
        _gate.Update(new RequestLimits { Concurrent = concurrent, Pending = pending, PendingTimeout = TimeSpan.FromSeconds(1) }, endpoints: 1);

    private Task<GateOutcome> Enter() => _gate.EnterAsync(null, _time, CancellationToken.None).AsTask();
}
