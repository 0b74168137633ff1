using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Routing;

[JsonConverter(typeof(PascalCaseEnumConverter<RouteFilterType>))]
public enum RouteFilterType
{
    RequestHeaderModifier,
    ResponseHeaderModifier,

    /// <summary>Answers with a redirect instead of forwarding.</summary>
    RequestRedirect,

    /// <summary>Changes host and path of what is forwarded.</summary>
    [JsonStringEnumMemberName("URLRewrite")]
    UrlRewrite,

    /// <summary>Sends a copy elsewhere; may be given more than once.</summary>
    RequestMirror,

    /// <summary>Cross-origin resource sharing for browsers.</summary>
    [JsonStringEnumMemberName("CORS")]
    Cors,

    /// <summary>Delays or aborts a share of the requests, to test callers.</summary>
    FaultInjection,

    /// <summary>Answers with a fixed response instead of forwarding.</summary>
    DirectResponse,
}
