namespace Mesh.Proxy.Tests.Routing;

/// <summary>What is null is not looked at, the rule aside.</summary>
public sealed record RouteCaseResult
{
    /// <summary>Null when no rule matches.</summary>
    public required string? Rule { get; init; }

    /// <summary>Of an answer without an endpoint.</summary>
    public int? Status { get; init; }

    public string? Location { get; init; }

    /// <summary>What the endpoint is asked for.</summary>
    public string? Target { get; init; }

    /// <summary>The host that the endpoint is asked for.</summary>
    public string? Host { get; init; }

    /// <summary>Of the answer; an empty value for a header that must not be there.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
