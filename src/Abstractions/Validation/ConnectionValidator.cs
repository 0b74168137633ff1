using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>How many connections, and how long they may last.</summary>
internal static class ConnectionValidator
{
    private const int MostConnections = 65_535;
    private static readonly TimeSpan ShortestConnect = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestConnect = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(1);

    public static void Validate(ConnectionPolicy connections, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(connections.MaxPerEndpoint ?? 1, 1, MostConnections, path.Field("maxPerEndpoint"), errors);
        Bounds.CheckRange(connections.ConnectTimeout ?? ShortestConnect, ShortestConnect, LongestConnect, path.Field("connectTimeout"), errors);
        Bounds.CheckRange(connections.IdleTimeout ?? ShortestLife, ShortestLife, SpecLimits.Duration, path.Field("idleTimeout"), errors);
        Bounds.CheckRange(connections.Lifetime ?? ShortestLife, ShortestLife, SpecLimits.Duration, path.Field("lifetime"), errors);
    }
}
