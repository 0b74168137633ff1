using Mesh.Abstractions.Regions;
using Mesh.Proxy.Regions;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Regions.Reaches;

namespace Mesh.Proxy.Tests.Regions;

public sealed class RegionStateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RegionState _state;
    private int _changes;

    public RegionStateTests()
    {
        _state = new RegionState(_time);
        _state.Changed += () => _changes++;
    }

    [Fact]
    public void Only_news_is_a_change()
    {
        Assert.True(_state.Update([Stale("us"), Via("ap")]));
        Assert.False(_state.Update([Stale("us"), Via("ap")]));
        Assert.False(_state.Update([Via("ap"), Stale("us")]));
        Assert.True(_state.Update([Fresh("us"), Via("ap")]));

        Assert.Equal(2, _changes);
        Assert.False(_state.Current.IsStale("us"));
        Assert.True(_state.Current.IsViaGateway("ap"));
        Assert.False(_state.Current.IsStale("unheard-of"));
    }

    [Fact]
    public void What_is_not_known_yet_stays_as_it_was()
    {
        _state.Update([Stale("us")]);

        Assert.False(_state.Update([new RegionReach { Region = "us" }]));
        Assert.True(_state.Current.IsStale("us"));
        Assert.True(_state.Update([new RegionReach { Region = "us", Via = RegionVia.Gateway }]));
        Assert.True(_state.Current.IsStale("us"));
    }

    [Fact]
    public void Silos_that_do_not_tell_are_ignored_for_a_minute_and_then_believed()
    {
        _state.Update([Stale("us"), Via("ap")]);
        _time.Advance(RegionState.Keep - TimeSpan.FromSeconds(1));
        Assert.False(_state.Update(null));
        _state.Update([Stale("us"), Via("ap")]);
        _time.Advance(RegionState.Keep - TimeSpan.FromSeconds(1));
        Assert.False(_state.Update(null));
        Assert.True(_state.Current.IsStale("us"));

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.True(_state.Update(null));
        Assert.False(_state.Current.IsStale("us"));
        Assert.False(_state.Current.UsesGateways);
    }

    [Fact]
    public void Nonsense_is_left_out()
    {
        Assert.True(_state.Update([null!, new RegionReach { Region = null! }, Stale("us"), Fresh("us")]));

        Assert.Equal([Stale("us")], _state.Current.All);
    }
}
