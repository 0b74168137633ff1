namespace Mesh.Abstractions.Access;

/// <summary>
/// A server that is asked about each request, by a GET with the request's headers and <c>x-forwarded-method</c>,
/// <c>-proto</c>, <c>-host</c>, <c>-uri</c> and <c>-for</c> (as forward authentication is done elsewhere). An answer of 200 to 299
/// lets the request in; any other refuses it, with 401 where it says so and 403 otherwise.
/// </summary>
public sealed record ExternalAuthorization
{
    /// <summary>An http or https URL.</summary>
    public required string Url { get; init; }

    /// <summary>How long it may take; 1 ms to 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Requests are let in, and counted, while it cannot be asked.</summary>
    public bool FailOpen { get; init; }

    /// <summary>Headers of its answer that are put on the request, replacing what the caller sent under these names.</summary>
    public IReadOnlyList<string> ResponseHeaders { get; init; } = [];
}
