namespace Mesh.Proxy.Forwarding;

/// <summary>How a try ended.</summary>
/// <param name="Error">Null when an answer was forwarded, to its end, or when the caller went away.</param>
/// <param name="Detail">What exactly went wrong, for people.</param>
/// <param name="IsAborted">The caller went away.</param>
internal readonly record struct TryResult(ProxyError? Error, string Detail, bool IsAborted)
{
    public static TryResult Answered => default;

    public static TryResult Aborted { get; } = new(null, "", IsAborted: true);

    public static TryResult Failed(ProxyError error, string detail) => new(error, detail, IsAborted: false);
}
