namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>What of a region a fault is in.</summary>
[Flags]
internal enum FaultyPart
{
    Store = 1,
    Silos = 2,
    Proxy = 4,
    Link = 8,
}
