using CsCheck;
using Mesh.Abstractions.Json;
using Mesh.Grains.Regions;

namespace Mesh.Grains.Tests.Regions;

public class HybridClockTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);

    [Fact]
    public void Follows_the_wall_clock_and_counts_while_that_stands_or_goes_back()
    {
        var first = HybridClock.Tick(default, Now);
        var second = HybridClock.Tick(first, Now);
        var third = HybridClock.Tick(second, Now.AddHours(-5));
        var fourth = HybridClock.Tick(third, Now.AddMilliseconds(1));

        Assert.Equal(["1800000000000.0", "1800000000000.1", "1800000000000.2", "1800000000001.0"], new[] { first, second, third, fourth }.Select(time => time.ToString()));
    }

    [Theory]
    [InlineData(60_000, true)]
    [InlineData(60_001, false)]
    public void A_peers_clock_pulls_ours_along_up_to_the_bound(int lead, bool isFollowed)
    {
        var peer = new HybridTime(Now.ToUnixTimeMilliseconds() + lead, 7);

        var clock = HybridClock.Observe(HybridTime.Of(Now), peer, Now);

        Assert.Equal(isFollowed ? peer : HybridTime.Of(Now), clock);
        Assert.Equal(lead, HybridClock.Lead(peer, Now).TotalMilliseconds);
    }

    [Fact]
    public void Never_goes_back_and_never_runs_further_ahead_than_the_bound()
    {
        var step = Gen.Select(Gen.Int[-7_200_000, 7_200_000], Gen.Int[-7_200_000, 7_200_000], Gen.Int[0, 5]);
        step.List[0, 50].Sample(
            steps =>
            {
                var clock = default(HybridTime);
                var latest = default(HybridTime);
                foreach (var (jump, lead, counter) in steps)
                {
                    var now = Now.AddMilliseconds(jump);
                    latest = HybridTime.Max(latest, HybridTime.Of(now));
                    var before = clock;
                    var observed = HybridClock.Observe(before, new HybridTime(now.ToUnixTimeMilliseconds() + lead, counter), now);
                    clock = HybridClock.Tick(observed, now);
                    if (observed < before || clock <= observed
                        || clock.Milliseconds > latest.Milliseconds + HybridClock.MaxDrift.TotalMilliseconds)
                    {
                        return false;
                    }
                }

                return true;
            },
            iter: 5000);
    }

    [Theory]
    [InlineData("\"1.2@eu\"", "1.2@eu")]
    [InlineData("\"0.0@\"", "0.0@")]
    public void A_stamp_has_one_text_form(string json, string text)
    {
        var stamp = MeshJson.Decode<Stamp>(System.Text.Encoding.UTF8.GetBytes(json));

        Assert.Equal(text, stamp.ToString());
        Assert.Equal(json, System.Text.Encoding.UTF8.GetString(MeshJson.Encode(stamp)));
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("-1.2@eu")]
    [InlineData("1@eu")]
    [InlineData("253402300800000.0@eu")]
    [InlineData("1.2147483648@eu")]
    [InlineData("")]
    public void What_is_no_stamp_is_refused(string text) => Assert.False(Stamp.TryParse(text, out _));

    [Fact]
    public void A_counter_that_is_full_goes_on_in_the_next_millisecond() =>
        Assert.Equal(new HybridTime(6, 0), new HybridTime(5, int.MaxValue).Next());
}
