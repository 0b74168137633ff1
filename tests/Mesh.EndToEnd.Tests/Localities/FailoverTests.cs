using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Localities;

/// <summary>Which region's instances get requests, as those of both regions come and go.</summary>
public sealed class FailoverTests
{
    /// <summary>A GET whose connection breaks is tried again.</summary>
    private const string Retrying = """{ "name": "all", "retry": { "attempts": 3, "codes": [502, 503] } }""";

    [Fact]
    public async Task The_own_region_is_preferred_and_the_other_one_steps_in()
    {
        await using var near = await TestApplication.Start("eu");
        await using var far = await TestApplication.Start("us");
        await using var regions = await TwoRegions.Start();
        await regions.Eu.Api.Write("/v1/services/shop/web", $$"""{ "routes": [{{Retrying}}] }""");
        var started = await Task.WhenAll(regions.Sidecar("eu", near.Port), regions.Sidecar("us", far.Port), regions.Proxy("eu"));
        var (sidecar, caller) = (started[0], started[2]);
        await caller.Reaches("web.shop", "eu", TwoRegions.Patience);
        await TwoRegions.Levels(caller, ("eu", "region"), ("us", "other"));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("eu", await caller.Body("web.shop"));
        }

        await using var calls = SteadyCalls.Through(caller, "web.shop");
        await sidecar.Kill();
        await caller.Reaches("web.shop", "us", TwoRegions.Patience);
        var before = calls.Answers;
        await Eventually.Holds("calls go on", () => calls.Answers > before + 200);

        await sidecar.Start();
        await sidecar.WaitReady();
        await caller.Reaches("web.shop", "eu", TwoRegions.Patience);
        Assert.Empty(calls.Failures);
    }

    [Fact]
    public async Task A_region_that_was_killed_is_stale_and_used_last_until_it_is_back()
    {
        await using var near = await TestApplication.Start("eu");
        await using var far = await TestApplication.Start("us");
        await using var regions = await TwoRegions.Start();
        await regions.Us.Api.AddService("shop/only-there", far.Port);
        var started = await Task.WhenAll(regions.Sidecar("us", far.Port), regions.Sidecar("eu", near.Port), regions.Proxy("eu"));
        var (gone, caller) = (started[0], started[2]);
        await caller.Reaches("web.shop", "eu", TwoRegions.Patience);
        await caller.Reaches("only-there.shop", "us", TwoRegions.Patience);
        await TwoRegions.Levels(caller, ("eu", "region"), ("us", "other"));
        await using var calls = SteadyCalls.Through(caller, "web.shop");

        await regions.Us.Kill();
        await gone.Kill();
        await TwoRegions.Levels(caller, ("eu", "region"), ("us", "stale"));

        // Its instances may be alive all the same, and these are all there are.
        Assert.Equal("us", await caller.Body("only-there.shop"));
        var link = (await regions.Eu.Api.Read("/v1/regions")).GetProperty("items")[0];
        Assert.True(link.GetProperty("isStale").GetBoolean());
        Assert.True(link.GetProperty("silentSeconds").GetDouble() > 6);
        Assert.Matches("mesh_region_stale{[^}]*region=\"us\"[^}]*} 1\n", await regions.Eu.Api.GetStringAsync("/metrics"));

        // A proxy that knows nothing yet is told with its first answer.
        var late = await regions.Proxy("eu");
        await late.Reaches("web.shop", "eu", TwoRegions.Patience);
        await TwoRegions.Levels(late, ("eu", "region"), ("us", "stale"));

        await regions.Us.Start();
        await regions.Us.WaitReady();
        await gone.Start();
        await gone.WaitReady();
        await TwoRegions.Levels(caller, ("eu", "region"), ("us", "other"));
        Assert.Empty(calls.Failures);
    }
}
