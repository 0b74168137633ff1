namespace Mesh.Grains.Push;

/// <summary>A silo's gateway, for Orleans clients.</summary>
/// <param name="Silo">The silo's address and generation.</param>
/// <param name="Address">IP address and port of the gateway; null when the silo has none.</param>
/// <param name="Generation">The silo's generation, part of the gateway's identity.</param>
[GenerateSerializer, Immutable, Alias("mesh.GatewayAddress")]
public sealed record GatewayAddress(
    [property: Id(0)] string Silo,
    [property: Id(1)] string? Address,
    [property: Id(2)] int Generation);
