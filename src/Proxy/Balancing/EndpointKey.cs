namespace Mesh.Proxy.Balancing;

/// <summary>An endpoint's identity across snapshots.</summary>
internal readonly record struct EndpointKey(string Region, string Id, string Host, int Port);
