using System.Net;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Limits;

public sealed class LoadShedderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ActiveRequests _active = new();
    private long _memory;
    private int _compactions;

    [Fact]
    public void Refuses_when_too_many_requests_are_in_flight_in_both_directions_together()
    {
        using var shedder = Shedder(new LimitOptions { MaxRequests = 2 });
        _active.BeginOutbound();
        Assert.Equal(ShedReason.None, Judge(shedder));
        _active.BeginInbound();

        Assert.Equal(ShedReason.Requests, Judge(shedder));
        Assert.Equal(1, shedder.CountOf(ShedReason.Requests));
        _active.EndOutbound();
        Assert.Equal(ShedReason.None, Judge(shedder));
    }

    [Fact]
    public void Refuses_while_memory_is_nearly_used_up()
    {
        using var shedder = Shedder(new LimitOptions { MaxMemoryPercent = 50 });
        _memory = 500;
        _time.Advance(LoadShedder.Period);
        Assert.Equal(ShedReason.None, Judge(shedder));

        _memory = 501;
        _time.Advance(LoadShedder.Period);
        Assert.Equal(ShedReason.Memory, Judge(shedder));

        _memory = 0;
        _time.Advance(LoadShedder.Period);
        Assert.Equal(ShedReason.None, Judge(shedder));
    }

    [Fact]
    public void Compacts_before_it_refuses_and_from_time_to_time_while_it_does()
    {
        using var shedder = Shedder(new LimitOptions { MaxMemoryPercent = 50 }, compact: () => _compactions++);
        _memory = 501;
        _time.Advance(LoadShedder.Period);
        Assert.Equal(1, _compactions);
        _time.Advance(LoadShedder.CompactPeriod - LoadShedder.Period);
        Assert.Equal(1, _compactions);
        _time.Advance(LoadShedder.Period);
        Assert.Equal((2, ShedReason.Memory), (_compactions, Judge(shedder)));
    }

    [Fact]
    public void Refuses_nothing_when_compacting_is_enough()
    {
        using var shedder = Shedder(new LimitOptions { MaxMemoryPercent = 50 }, compact: () => _memory = 400);
        _memory = 501;
        _time.Advance(LoadShedder.Period);

        Assert.Equal((400, ShedReason.None), (_memory, Judge(shedder)));
    }

    [Fact]
    public void Refuses_when_work_waits_too_long_for_a_thread()
    {
        var late = new LateTimers();
        using var shedder = new LoadShedder(new LimitOptions { MaxQueueDelay = TimeSpan.FromSeconds(2) }, _active, late, 1_000, () => 0, static () => { });
        late.Now += 2 * late.TimestampFrequency;
        Assert.Equal(ShedReason.None, shedder.Judge(late.Now));
        late.Now += 1;

        Assert.Equal(ShedReason.Queue, shedder.Judge(late.Now));
        late.Beat!();
        Assert.Equal(ShedReason.None, shedder.Judge(late.Now));
    }

    [Fact]
    public void Limits_can_be_off()
    {
        var late = new LateTimers();
        using var shedder = new LoadShedder(
            new LimitOptions { MaxQueueDelay = TimeSpan.Zero, MaxMemoryPercent = 0 }, _active, late, 1_000, () => long.MaxValue, static () => { });
        late.Beat!();
        late.Now += 1_000 * late.TimestampFrequency;

        Assert.Equal(ShedReason.None, shedder.Judge(late.Now));
    }

    [Fact]
    public void Every_mistake_is_named()
    {
        Assert.Empty(new LimitOptions().Validate());
        Assert.Equal(
            ["Mesh:Limits:MaxRequests", "Mesh:Limits:MaxMemoryPercent", "Mesh:Limits:MaxQueueDelay"],
            new LimitOptions { MaxRequests = 0, MaxMemoryPercent = 101, MaxQueueDelay = TimeSpan.FromMilliseconds(1) }.Validate().Select(error => error.Split(' ')[0]));
    }

    [Fact]
    public async Task A_proxy_that_has_enough_answers_at_once_and_its_admin_pages_work()
    {
        var release = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(_ => release.Task);
        await using var proxy = await ProxyHost.StartAsync(limits: new LimitOptions { MaxRequests = 1 });
        proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        var first = proxy.GetAsync("web");
        await Eventually.Holds("the first is in flight", () => proxy.Active.Outbound == 1);

        using var refused = await proxy.GetAsync("web");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "overloaded"), (refused.StatusCode, refused.Headers.GetValues("mesh-error").Single()));
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Contains("Mesh:Limits:MaxRequests", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("mesh_shed_requests_total{reason=\"requests\"} 1", await proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
        release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
    }

    private LoadShedder Shedder(LimitOptions options, Action? compact = null) =>
        new(options, _active, _time, 1_000, () => _memory, compact ?? (static () => { }));

    private ShedReason Judge(LoadShedder shedder) => shedder.Judge(_time.GetTimestamp());

    /// <summary>A clock whose timers come when the test says so.</summary>
    private sealed class LateTimers : TimeProvider
    {
        public long Now { get; set; } = 1_000;

        public Action? Beat { get; private set; }

        public override long GetTimestamp() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Beat = () => callback(state);
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
