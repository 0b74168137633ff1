using System.Net;
using System.Net.Http.Headers;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class RetryAfterPenaltyTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(429, null, 1.0)]
    [InlineData(429, "3", 3.0)]
    [InlineData(429, "0", 0.0)]
    [InlineData(429, "3600", 10.0)]
    [InlineData(429, "soon", 1.0)]
    [InlineData(503, "3", 3.0)]
    [InlineData(503, null, null)]
    [InlineData(500, "3", null)]
    [InlineData(200, "3", null)]
    public void Follows_status_and_header(int status, string? retryAfter, double? expected)
    {
        using var answer = new HttpResponseMessage((HttpStatusCode)status);
        answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);

        Assert.Equal(expected, RetryAfterPenalty.Of(answer, _time)?.TotalSeconds);
    }

    [Fact]
    public void Understands_a_date()
    {
        using var answer = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter = new RetryConditionHeaderValue(_time.GetUtcNow().AddSeconds(4));

        Assert.Equal(4, RetryAfterPenalty.Of(answer, _time)!.Value.TotalSeconds, 1);
    }

    [Theory]
    [InlineData(8, null, 1.0)]
    [InlineData(8, "2500", 2.5)]
    [InlineData(8, "-1", 1.0)]
    [InlineData(8, "999999", 10.0)]
    [InlineData(14, "2500", null)]
    [InlineData(0, null, null)]
    public void Follows_gRPC_status_and_push_back(int status, string? pushback, double? expected)
    {
        using var answer = new HttpResponseMessage();
        answer.Headers.TryAddWithoutValidation("grpc-retry-pushback-ms", pushback);

        Assert.Equal(expected, RetryAfterPenalty.Of(status, answer.Headers)?.TotalSeconds);
    }

    [Theory]
    [InlineData(LoadBalancerType.PeakEwma)]
    [InlineData(LoadBalancerType.LeastRequest)]
    public void Who_asks_to_be_spared_is_until_its_time_is_over(LoadBalancerType type)
    {
        var pool = TestPool.Of(TestPool.Balanced(type), [At(1, "busy"), At(2, "free")], _time);

        // It refuses in no time; the other takes 500 ms and has five requests.
        pool.All[0].Stats.Answered(429, _time.GetTimestamp());
        var started = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(500));
        pool.All[1].Stats.Answered(200, started);
        for (var i = 0; i < 5; i++)
        {
            pool.All[1].Stats.Begin();
        }

        pool.All[0].Stats.Penalize(TimeSpan.FromSeconds(2));
        pool.All[0].Stats.Penalize(TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0, TestPool.Count(pool, _time, 100)["busy"]);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(100, TestPool.Count(pool, _time, 100)["busy"]);
    }
}
