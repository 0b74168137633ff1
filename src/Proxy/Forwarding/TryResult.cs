namespace Mesh.Proxy.Forwarding;

/// <summary>How a try ended.</summary>
/// <param name="Error">Null when an answer was forwarded, to its end, or when the caller went away.</param>
/// <param name="Detail">What exactly went wrong, for people.</param>
/// <param name="IsAborted">The caller went away.</param>
internal readonly record struct TryResult(ProxyError? Error, string Detail, bool IsAborted)
{
    public static TryResult Answered => default;

    public static TryResult Aborted { get; } = new(null, "", IsAborted: true);

    /// <summary>The endpoint did nothing for the request, whatever its method: it may be sent elsewhere.</summary>
    public bool IsUnprocessed { get; init; }

    public static TryResult Failed(ProxyError error, string detail) => new(error, detail, IsAborted: false);
}
