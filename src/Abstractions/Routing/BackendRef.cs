using System.Text.Json.Serialization;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Routing;

/// <summary>A service that gets a share of a rule's requests (Gateway API, <c>HTTPBackendRef</c>).</summary>
public sealed record BackendRef
{
    public required string Name { get; init; }

    /// <summary>The service's namespace; that of the rule's service when null.</summary>
    public string? Namespace { get; init; }

    /// <summary>The share: this weight over the sum of the rule's weights. 0 to 1,000,000.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>A subset of the service: only endpoints that have all of these labels. All endpoints when empty.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// What happens to requests that go to this backend, after the rule's own filters: header modifiers,
    /// <see cref="RouteFilterType.UrlRewrite"/> and <see cref="RouteFilterType.RequestMirror"/>.
    /// </summary>
    public IReadOnlyList<RouteFilter> Filters { get; init; } = [];

    /// <summary>The labels as one text, whatever their order; empty for the whole service.</summary>
    [JsonIgnore]
    public string Subset => Labels.Count == 0
        ? ""
        : string.Join(',', Labels.OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}"));

    public ServiceName Resolve(ServiceName owner) => new(Namespace ?? owner.Namespace, Name);
}
