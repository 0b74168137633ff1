using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Explain;

/// <summary>
/// How one proxy decides a request: what it found, in the order it looked, and why. What is null was not reached, or
/// plays no part.
/// </summary>
public sealed record Explanation
{
    /// <summary>The proxy's id.</summary>
    public required string Proxy { get; init; }

    /// <summary>The service that the authority names, after overrides.</summary>
    public ServiceName? Service { get; init; }

    /// <summary>The revision of the service that the proxy uses.</summary>
    public long? Revision { get; init; }

    /// <summary>What <c>mesh-override</c> replaced, as <c>from=to</c>.</summary>
    public IReadOnlyList<string>? Overrides { get; init; }

    /// <summary>Every rule, in the order of precedence in which they are tried.</summary>
    public IReadOnlyList<RuleExplanation>? Rules { get; init; }

    /// <summary>The rule that applies; empty for the one that a service without rules has.</summary>
    public string? Rule { get; init; }

    /// <summary>What the proxy answers by itself, without a backend.</summary>
    public string? Answer { get; init; }

    /// <summary>The backends of the rule and their shares.</summary>
    public IReadOnlyList<BackendExplanation>? Backends { get; init; }

    /// <summary>The backend that was drawn; for a described request, a draw like the next one.</summary>
    public ServiceName? Backend { get; init; }

    /// <summary>The balancer of the backend, as its spec calls it.</summary>
    public string? Balancer { get; init; }

    /// <summary>True when so few endpoints are healthy that all get requests.</summary>
    public bool? IsPanic { get; init; }

    /// <summary>What the balancer sees; at most the first 100.</summary>
    public IReadOnlyList<EndpointExplanation>? Endpoints { get; init; }

    /// <summary>The id of the endpoint that answered; for a described request, a choice like the next one.</summary>
    public string? Endpoint { get; init; }

    /// <summary>How many tries it took.</summary>
    public int? Tries { get; init; }

    public LimitsExplanation? Limits { get; init; }

    /// <summary>Whether the backend lets the caller in; null when it lets everybody in.</summary>
    public AccessExplanation? Access { get; init; }

    /// <summary>The proxy's own error, as <c>code: message</c>.</summary>
    public string? Error { get; init; }

    /// <summary>The service whose part the management API left out, because whoever asked may not read it; null when nothing is left out.</summary>
    public ServiceName? Hidden { get; init; }
}
