using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>When a second try starts beside the first.</summary>
internal static class HedgeValidator
{
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    public static void Validate(HedgePolicy hedge, JsonPath path, SpecErrors errors) =>
        Bounds.CheckRange(hedge.Delay, ShortestDelay, LongestDelay, path.Field("delay"), errors);
}
