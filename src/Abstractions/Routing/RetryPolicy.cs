namespace Mesh.Abstractions.Routing;

/// <summary>When a rule's requests are tried again (GEP-1731).</summary>
public sealed record RetryPolicy
{
    /// <summary>Tries beyond the first, 1 to 10.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>Status codes (400 to 599) that are tried again.</summary>
    public IReadOnlyList<int> Codes { get; init; } = [];

    /// <summary>The shortest wait before the next try.</summary>
    public TimeSpan? Backoff { get; init; }

    /// <summary>
    /// Requests whose connection broke or that timed out are tried again also when their method is not idempotent: the
    /// application does not mind doing a thing twice.
    /// </summary>
    public bool NonIdempotent { get; init; }
}
