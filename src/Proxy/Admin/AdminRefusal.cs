namespace Mesh.Proxy.Admin;

/// <summary>Why a request to the admin pages is not answered.</summary>
/// <param name="Status">401, 403 or 429.</param>
/// <param name="Problem">One line for whoever asks.</param>
internal sealed record AdminRefusal(int Status, string Problem)
{
    /// <summary>What is told of the proof that is missing (RFC 6750, section 3); null for nothing.</summary>
    public string? Challenge { get; init; }

    /// <summary>How long whoever guesses has to wait; null when they need not.</summary>
    public TimeSpan? Wait { get; init; }
}
