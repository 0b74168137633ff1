namespace Mesh.Silo.Api.Requests;

/// <summary>The body of a change of the root.</summary>
internal sealed record RotationBody
{
    /// <summary>Proxies learn of a new root within five minutes; twice that.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan Most = TimeSpan.FromDays(30);

    /// <summary>When the new root begins to sign: 10 min to 30 days from now. Default 1 h.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromHours(1);
}
