using Mesh.Proxy.Balancing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class LatencyEstimateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Starts_at_thirty_milliseconds() => Assert.Equal(30, Read(New()), 3);

    [Fact]
    public void Jumps_to_a_higher_sample_at_once()
    {
        var estimate = New();

        estimate.Observe(500, _time.GetTimestamp());

        Assert.Equal(500, Read(estimate), 3);
    }

    [Fact]
    public void Sinks_towards_lower_samples_with_a_decay_of_ten_seconds()
    {
        var estimate = New();
        estimate.Observe(500, _time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(10));

        estimate.Observe(100, _time.GetTimestamp());

        Assert.Equal((500 / Math.E) + (100 * (1 - (1 / Math.E))), Read(estimate), 2);
    }

    [Fact]
    public void Sinks_towards_zero_when_left_alone()
    {
        var estimate = New();
        estimate.Observe(500, _time.GetTimestamp());

        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(500 / Math.E / Math.E, Read(estimate), 2);
    }

    [Fact]
    public void Survives_a_clock_that_two_threads_read_in_another_order()
    {
        var estimate = New();
        var before = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        estimate.Observe(500, _time.GetTimestamp());

        estimate.Observe(10, before);

        Assert.Equal(500, Read(estimate), 2);
    }

    [Fact]
    public void Loses_no_peak_to_concurrent_samples()
    {
        var estimate = New();

        Parallel.For(1, 5_000, i => estimate.Observe(i, _time.GetTimestamp()));

        Assert.Equal(4_999, Read(estimate), 2);
    }

    private LatencyEstimate New() => new(_time.TimestampFrequency, _time.GetTimestamp());

    private double Read(LatencyEstimate estimate) => estimate.Milliseconds(_time.GetTimestamp());
}
