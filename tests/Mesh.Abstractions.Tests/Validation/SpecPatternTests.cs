using System.Diagnostics;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Validation;

public class SpecPatternTests
{
    [Theory]
    [InlineData("/api/v[0-9]+/.*", "/api/v2/x", true)]
    [InlineData("/api/v[0-9]+/.*", "x/api/v2/x", false)]
    [InlineData("a|b", "ab", false)]
    [InlineData("a", "a\n", false)]
    [InlineData("\\p{Lu}+", "ABC", true)]
    public void Matches_whole_values(string pattern, string value, bool isMatch)
    {
        Assert.Null(SpecPattern.Explain(pattern));
        Assert.Equal(isMatch, SpecPattern.Compile(pattern).IsMatch(value));
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|a)*b")]
    [InlineData("(.*)*=x")]
    public void Patterns_that_would_backtrack_without_end_run_in_linear_time(string pattern)
    {
        Assert.Null(SpecPattern.Explain(pattern));
        var started = Stopwatch.GetTimestamp();
        Assert.DoesNotMatch(SpecPattern.Compile(pattern), new string('a', 5000) + "!");
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("(?x)a #")]
    [InlineData("a{1000}{1000}")]
    [InlineData("((a{100}){100}){100}")]
    [InlineData("(?<!a)b")]
    [InlineData("(?>a)b")]
    [InlineData("(?(a)b|c)")]
    [InlineData("[z-a]")]
    [InlineData("*")]
    [InlineData("\\")]
    [InlineData("")]
    public void Refuses(string pattern) => Assert.NotNull(SpecPattern.Explain(pattern));

    [Fact]
    public void Refuses_a_pattern_that_is_too_long() => Assert.NotNull(SpecPattern.Explain(new string('a', SpecLimits.PatternLength + 1)));

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("(ab{3}){10}", 40)]
    [InlineData("[^]a-z-[aeiou]]{5}", 5)]
    [InlineData("\\p{L}{7}", 7)]
    [InlineData("a{2,}b{,x}", 7)]
    [InlineData("a{99999999999}", int.MaxValue)]
    [InlineData("a{2}{3}", 6)]
    public void Estimates_the_size_of_a_pattern(string pattern, long size) => Assert.Equal(size, PatternSize.Estimate(pattern));
}
