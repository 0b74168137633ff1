using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Tests.Json;

public class GatewayDurationTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("250ms", 250)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1m1s1ms", 61_001)]
    [InlineData("99999h", 359_996_400_000)]
    public void Reads_the_forms_of_GEP_2257(string text, long milliseconds)
    {
        Assert.True(GatewayDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("-1s")]
    [InlineData("1.5h")]
    [InlineData("100000s")]
    [InlineData("1h1m1s1ms1s")]
    [InlineData("1 s")]
    [InlineData("1us")]
    [InlineData("99999h60m")]
    public void Refuses_anything_else(string text) => Assert.False(GatewayDuration.TryParse(text, out _));

    [Theory]
    [InlineData("1h30m")]
    [InlineData("2s500ms")]
    [InlineData("99999h59m59s999ms")]
    [InlineData("0s")]
    public void Writes_what_it_reads(string text)
    {
        Assert.True(GatewayDuration.TryParse(text, out var duration));
        Assert.Equal(text, GatewayDuration.Format(duration));
    }
}
