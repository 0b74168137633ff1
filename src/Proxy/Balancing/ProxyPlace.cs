namespace Mesh.Proxy.Balancing;

/// <summary>Where the proxy runs.</summary>
/// <param name="Region">As the control plane of its region calls itself.</param>
/// <param name="Zone">Null when it is not known.</param>
internal sealed record ProxyPlace(string Region = ProxyPlace.DefaultRegion, string? Zone = null)
{
    public const string DefaultRegion = "local";

    /// <summary>How many levels of nearness there are.</summary>
    public const int Levels = 3;

    /// <summary>What people call a level.</summary>
    public static string NameOf(int level) => level switch { 0 => "zone", 1 => "region", _ => "other" };

    /// <summary>How near an endpoint is: 0 in the own zone, 1 in the own region, 2 elsewhere.</summary>
    public int LevelOf(Mesh.Abstractions.Endpoints.Endpoint endpoint) =>
        endpoint.Region != Region ? 2
        : Zone is null || endpoint.Zone != Zone ? 1
        : 0;
}
