namespace Mesh.Abstractions.Routing;

/// <summary>Time limits of a rule (GEP-1742). <c>0s</c> switches a limit off.</summary>
public sealed record RouteTimeouts
{
    /// <summary>From the request's arrival to the end of the response, all tries included.</summary>
    public TimeSpan? Request { get; init; }

    /// <summary>One try; at most <see cref="Request"/>.</summary>
    public TimeSpan? BackendRequest { get; init; }

    /// <summary>The longest silence, in both directions, once a response has begun: for streams and WebSockets. None when null.</summary>
    public TimeSpan? Idle { get; init; }
}
