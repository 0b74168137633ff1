using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Balancing;

/// <summary>Pools in few words.</summary>
internal static class TestPool
{
    public static EndpointPool Of(
        TrafficPolicy traffic, Endpoint[] endpoints, TimeProvider time, EndpointPool? previous = null, ProxyPlace? place = null) =>
        new(new ServiceSpec { Traffic = traffic }, endpoints, previous, time, new Random(7), place);

    public static TrafficPolicy Balanced(LoadBalancerType type, SlowStart? slowStart = null) => new()
    {
        LoadBalancer = new LoadBalancerPolicy
        {
            Type = type,
            Hash = type is LoadBalancerType.RingHash or LoadBalancerType.Maglev ? new RequestKey { Header = "x-user" } : null,
            SlowStart = slowStart,
        },
    };

    /// <summary>How many of so many requests each endpoint got, by id.</summary>
    public static Dictionary<string, int> Count(EndpointPool pool, TimeProvider time, int requests, Func<int, ulong?>? hash = null)
    {
        var counts = pool.All.Select(static endpoint => endpoint.Endpoint.Id).Distinct().ToDictionary(static id => id, static _ => 0);
        for (var i = 0; i < requests; i++)
        {
            counts[pool.Pick(new PickContext(time.GetTimestamp(), hash?.Invoke(i)), out _)!.Endpoint.Id]++;
        }

        return counts;
    }

    /// <summary>Where each of so many keys goes.</summary>
    public static string[] Placed(EndpointPool pool, TimeProvider time, int keys) =>
        [.. Enumerable.Range(0, keys).Select(key => pool.Pick(new PickContext(time.GetTimestamp(), Key(key)), out _)!.Endpoint.Id)];

    public static ulong Key(int number) => TextHash.Of($"user-{number}");
}
