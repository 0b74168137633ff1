using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Regions;

/// <summary>What a link to a peer region is doing.</summary>
[JsonConverter(typeof(PascalCaseEnumConverter<RegionLinkState>))]
public enum RegionLinkState
{
    /// <summary>It has not heard from the peer's store yet.</summary>
    Connecting,

    /// <summary>It takes up what the peer has changed.</summary>
    CatchingUp,

    /// <summary>It has taken up everything, and waits for more.</summary>
    Following,

    /// <summary>The peer's store cannot be read.</summary>
    Unreachable,

    /// <summary>The peer's store answers, but this region cannot store what it reads.</summary>
    Paused,
}
