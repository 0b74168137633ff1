using Mesh.Grains.Links;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Links;

public sealed class PeerPulseTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly PeerPulse _pulse;
    private int _beats;

    public PeerPulseTests() => _pulse = new PeerPulse("us", Limit, NullLogger.Instance, _time);

    [Fact]
    public void It_lives_as_long_as_its_heartbeat_changes()
    {
        Hear(Next());
        Assert.Null(_pulse.IsStale);
        Hear(Next());
        Assert.False(_pulse.IsStale);

        var last = Next();
        Hear(last);
        Repeat(15, () => Hear(last));
        Assert.Equal((TimeSpan.FromSeconds(30), false), (_pulse.Silence, _pulse.IsStale));
        Hear(last);
        Assert.True(_pulse.IsStale);

        Hear(Next());
        Assert.Equal((TimeSpan.Zero, false), (_pulse.Silence, _pulse.IsStale));
    }

    [Fact]
    public async Task It_is_silent_while_its_store_cannot_be_read()
    {
        Hear(Next());
        Hear(Next());
        for (var i = 0; i < 16; i++)
        {
            _time.Advance(Step);
            await _pulse.Look(store: null, CancellationToken.None);
        }

        Assert.True(_pulse.IsStale);
    }

    [Fact]
    public void A_heartbeat_left_behind_by_the_dead_is_no_sign_of_life()
    {
        var old = Next();
        Repeat(15, () => Hear(old));
        Assert.Null(_pulse.IsStale);

        Hear(old);

        Assert.True(_pulse.IsStale);
    }

    [Fact]
    public void An_older_program_lives_while_its_store_answers()
    {
        Repeat(100, () => Hear(null));

        Assert.Equal((TimeSpan.Zero, false), (_pulse.Silence, _pulse.IsStale));
    }

    [Fact]
    public void Whoever_had_one_and_has_none_is_silent()
    {
        Hear(Next());
        Hear(Next());

        Repeat(16, () => Hear(null));

        Assert.True(_pulse.IsStale);
    }

    [Fact]
    public void Time_in_which_nobody_listened_says_nothing()
    {
        Hear(Next());
        var last = Next();
        Hear(last);

        _time.Advance(TimeSpan.FromMinutes(10));
        Hear(last, advance: false);

        Assert.Equal((PeerPulse.LongestStep, false), (_pulse.Silence, _pulse.IsStale));
    }

    [Fact]
    public void A_clock_that_is_off_is_told_once()
    {
        Hear(Next());
        Repeat(5, () => Hear(Next()));
        Assert.InRange(_pulse.ClockOffset!.Value.TotalSeconds, -2, 2);
        Assert.Null(_pulse.TakeProblem());

        Repeat(2, () => Hear(Next() with { At = _time.GetUtcNow() - TimeSpan.FromHours(2) }));
        Assert.InRange(_pulse.ClockOffset!.Value.TotalHours, -2.01, -1.99);
        Assert.Contains("7", _pulse.TakeProblem(), StringComparison.Ordinal);
        Hear(Next() with { At = _time.GetUtcNow() - TimeSpan.FromHours(2) });
        Assert.Null(_pulse.TakeProblem());
    }

    [Fact]
    public void A_heartbeat_without_a_time_is_one()
    {
        Hear(Next() with { At = null });
        Hear(Next() with { At = null });

        Assert.Equal((false, null), (_pulse.IsStale, _pulse.ClockOffset));
    }

    [Fact]
    public void What_is_stored_is_read()
    {
        var beat = new Heartbeat("abc-1", new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

        Assert.Equal(beat, Heartbeat.Of([.. beat.ToEntries().Select(static entry => entry.Value)]));
        Assert.Equal(new Heartbeat("abc-1", null), Heartbeat.Of(["abc-1", "yesterday"]));
        Assert.Equal(new Heartbeat("abc-1", null), Heartbeat.Of(["abc-1", default]));
        Assert.Null(Heartbeat.Of([default, "yesterday"]));
    }

    private Heartbeat Next() => new($"beat-{++_beats}", _time.GetUtcNow());

    private void Hear(Heartbeat? heartbeat, bool advance = true)
    {
        if (advance)
        {
            _time.Advance(Step);
        }

        _pulse.Hear(heartbeat, _time.GetUtcNow());
    }

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }
}
