namespace Mesh.Abstractions.Services;

/// <summary>One change of a service's spec.</summary>
public sealed record ServiceRevision
{
    public required long Revision { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>By which way it came: <c>api</c>, <c>proxy:{id}</c>, <c>region:{name}</c>, <c>store</c>.</summary>
    public required string Author { get; init; }

    /// <summary>Who made it: a user of the API, or a proxy. Null when that is not known here, as of another region's changes.</summary>
    public string? By { get; init; }

    /// <summary>The network address that the request came from. Null when that is not known here.</summary>
    public string? From { get; init; }

    /// <summary>What was done, such as <c>put routes/beta</c>.</summary>
    public required string Change { get; init; }

    /// <summary>Writes of two regions that contradicted each other, of a merge that met any; else null.</summary>
    public IReadOnlyList<ResolvedConflict>? Conflicts { get; init; }

    /// <summary>The spec from then on; null where the service was deleted.</summary>
    public ServiceSpec? Spec { get; init; }
}
