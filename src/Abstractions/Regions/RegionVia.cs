using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Regions;

/// <summary>How proxies reach the endpoints of another region.</summary>
[JsonConverter(typeof(PascalCaseEnumConverter<RegionVia>))]
public enum RegionVia
{
    /// <summary>At their own addresses.</summary>
    Direct,

    /// <summary>Through that region's proxies of mode <c>Gateway</c>.</summary>
    Gateway,
}
