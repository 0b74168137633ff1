using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>How endpoints are chosen: what is hashed, and how new ones begin.</summary>
internal static class LoadBalancerValidator
{
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromHours(1);

    public static void Validate(LoadBalancerPolicy balancer, JsonPath path, SpecErrors errors)
    {
        if (!errors.IsMalformed(path.Field("type")))
        {
            ValidateHash(balancer, path.Field("hash"), errors);
        }

        if (balancer.SlowStart is { } slowStart)
        {
            var place = path.Field("slowStart");
            Bounds.CheckRange(slowStart.Window, ShortestWindow, LongestWindow, place.Field("window"), errors);
            Bounds.CheckRange(slowStart.MinPercent, 1, 100, place.Field("minPercent"), errors);
        }
    }

    private static void ValidateHash(LoadBalancerPolicy balancer, JsonPath path, SpecErrors errors)
    {
        var hashes = balancer.Type is LoadBalancerType.RingHash or LoadBalancerType.Maglev;
        if (balancer.Hash is null)
        {
            if (hashes)
            {
                errors.Add(path, "is required by the types ringHash and maglev: say what to hash, such as {\"header\": \"x-user\"}");
            }
        }
        else if (!hashes)
        {
            errors.Add(path, "belongs to the types ringHash and maglev only");
        }
        else
        {
            RequestKeyValidator.Validate(balancer.Hash, path, errors);
        }
    }
}
