using Mesh.Abstractions.Routing;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class RetryRuleTests
{
    [Fact]
    public void Covers_the_codes_it_lists_and_no_other()
    {
        var rule = new RetryRule(new RetryPolicy { Codes = [400, 503, 599] });

        Assert.Equal([400, 503, 599], Enumerable.Range(-1, 1_000).Where(rule.Covers));
    }

    [Theory]
    [InlineData(409, new[] { 10 })]
    [InlineData(429, new[] { 8 })]
    [InlineData(499, new[] { 1 })]
    [InlineData(500, new[] { 2, 13, 15 })]
    [InlineData(502, new[] { 14 })]
    [InlineData(503, new[] { 14 })]
    [InlineData(504, new[] { 4 })]
    [InlineData(418, new int[0])]
    public void A_code_stands_for_gRPC_statuses_too(int code, int[] statuses)
    {
        var rule = new RetryRule(new RetryPolicy { Codes = [code] });

        Assert.Equal(statuses, Enumerable.Range(-1, 100).Where(rule.CoversGrpc));
    }

    [Theory]
    [InlineData(null, 1, 25, 50)]
    [InlineData(null, 2, 25, 100)]
    [InlineData(null, 3, 25, 200)]
    [InlineData(null, 4, 25, 250)]
    [InlineData(null, 10, 25, 250)]
    [InlineData(400, 1, 400, 800)]
    [InlineData(400, 5, 400, 800)]
    [InlineData(0, 3, 0, 0)]
    public void Backs_off_for_anything_between_the_minimum_and_a_bound_that_doubles(int? minimum, int retry, int from, int to)
    {
        var rule = new RetryRule(new RetryPolicy { Backoff = minimum is { } some ? TimeSpan.FromMilliseconds(some) : null });

        Assert.Equal(from, rule.BackoffBefore(retry, 0).TotalMilliseconds);
        Assert.Equal(to, rule.BackoffBefore(retry, 1).TotalMilliseconds);
        Assert.Equal((from + to) / 2.0, rule.BackoffBefore(retry, 0.5).TotalMilliseconds);
    }

    [Fact]
    public void Refuses_what_no_API_would_have_let_pass()
    {
        Assert.Throws<ArgumentException>(() => new RetryRule(new RetryPolicy { Attempts = -1 }));
        Assert.Throws<ArgumentException>(() => new RetryRule(new RetryPolicy { Codes = [200] }));
        Assert.Throws<ArgumentException>(() => new RetryRule(new RetryPolicy { Backoff = TimeSpan.MaxValue }));
    }
}
