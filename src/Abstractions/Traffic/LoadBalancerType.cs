using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Traffic;

[JsonConverter(typeof(CamelCaseEnumConverter<LoadBalancerType>))]
public enum LoadBalancerType
{
    /// <summary>Power of two choices by peak-sensitive latency times load.</summary>
    PeakEwma,

    /// <summary>Power of two choices by requests in flight.</summary>
    LeastRequest,
    RoundRobin,
    Random,

    /// <summary>Consistent hashing on a ring (Karger et al., 1997).</summary>
    RingHash,

    /// <summary>Consistent hashing by a look-up table (Eisenbud et al., NSDI 2016).</summary>
    Maglev,
}
