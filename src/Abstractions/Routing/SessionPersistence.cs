namespace Mesh.Abstractions.Routing;

/// <summary>Keeps a client's requests at the backend and endpoint that served its first one (GEP-1619).</summary>
public sealed record SessionPersistence
{
    public SessionPersistenceType Type { get; init; }

    /// <summary>After this time a session ends, used or not; never when null. Required for permanent cookies.</summary>
    public TimeSpan? AbsoluteTimeout { get; init; }

    public SessionCookie? Cookie { get; init; }

    public SessionHeader? Header { get; init; }
}
