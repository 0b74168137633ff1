using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class SubsetTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Has_the_endpoints_with_all_of_the_labels_and_their_measurements()
    {
        var pool = Pool(Labelled("a", ("v", "1")), Labelled("b", ("v", "2"), ("canary", "yes")), Labelled("c", ("v", "2")), At(4, "d"));

        Assert.Equal(["b", "c"], Ids(pool.Subset(Set(("v", "2")))));
        Assert.Equal(["b"], Ids(pool.Subset(Set(("canary", "yes"), ("v", "2")))));
        Assert.Same(pool.All[1].Stats, pool.Subset(Set(("canary", "yes"))).All[0].Stats);
        Assert.Equal(["b"], TestPool.Count(pool.Subset(Set(("canary", "yes"))), _time, 50).Keys);
    }

    [Fact]
    public void Without_labels_it_is_everything()
    {
        var pool = Pool(At(1));

        Assert.Same(pool, pool.Subset(LabelSet.Create(new Dictionary<string, string>())));
    }

    [Fact]
    public void Is_made_once()
    {
        var pool = Pool(Labelled("a", ("v", "1"), ("w", "2")));

        Assert.Same(pool.Subset(Set(("v", "1"), ("w", "2"))), pool.Subset(Set(("w", "2"), ("v", "1"))));
    }

    [Fact]
    public void May_be_empty()
    {
        var subset = Pool(Labelled("a", ("v", "1"))).Subset(Set(("v", "3")));

        Assert.Null(subset.Pick(new PickContext(_time.GetTimestamp()), out _));
    }

    [Fact]
    public void Sets_that_only_look_alike_differ() =>
        Assert.NotEqual(Set(("a", "1,b=2")), Set(("a", "1"), ("b", "2")));

    private static LabelSet? Set(params (string Name, string Value)[] labels) =>
        LabelSet.Create(labels.ToDictionary(static label => label.Name, static label => label.Value));

    private static Endpoint Labelled(string id, params (string Name, string Value)[] labels) =>
        At(1, id) with { Labels = labels.ToDictionary(static label => label.Name, static label => label.Value) };

    private static IEnumerable<string> Ids(EndpointPool pool) => pool.All.Select(static endpoint => endpoint.Endpoint.Id);

    private EndpointPool Pool(params Endpoint[] endpoints) => TestPool.Of(new TrafficPolicy(), endpoints, _time);
}
