using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>How near endpoints are preferred, and when health does not matter any more.</summary>
internal static class LocalityValidator
{
    public static void Validate(LocalityPolicy locality, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(locality.OverprovisioningPercent, 100, 1000, path.Field("overprovisioningPercent"), errors);
        Bounds.CheckRange(locality.PanicThresholdPercent, 0, 100, path.Field("panicThresholdPercent"), errors);
    }
}
