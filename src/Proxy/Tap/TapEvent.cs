namespace Mesh.Proxy.Tap;

/// <summary>A request that the proxy has just answered, or not.</summary>
internal sealed record TapEvent
{
    public required DateTimeOffset At { get; init; }

    /// <summary><c>outbound</c> or <c>inbound</c>.</summary>
    public required string Direction { get; init; }

    /// <summary>What was asked for: <c>Host</c> or <c>:authority</c>.</summary>
    public required string Authority { get; init; }

    public required string Method { get; init; }

    /// <summary>Without its query, unless that was asked for.</summary>
    public required string Path { get; init; }

    /// <summary>Null when the answer did not come to its end: it was not sent, or says nothing.</summary>
    public int? Status { get; init; }

    /// <summary><c>aborted</c>, as measurements call it, when the caller went away or the proxy cut the answer off; else null, and there is a status.</summary>
    public string? Outcome { get; init; }

    public required double DurationMs { get; init; }

    /// <summary>The code of the proxy's own error; of an answer that it cut off, why.</summary>
    public string? Error { get; init; }

    /// <summary>What was asked for; of an inbound request, the service of the application beside the proxy.</summary>
    public string? Service { get; init; }

    public string? Rule { get; init; }

    public string? Backend { get; init; }

    /// <summary>The id of the endpoint that answered.</summary>
    public string? Endpoint { get; init; }

    public int? Tries { get; init; }

    /// <summary>Who called, proved by mutual TLS.</summary>
    public string? Caller { get; init; }

    /// <summary>Of the request, when they were asked for; secrets are not shown.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}
