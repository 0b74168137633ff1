namespace Mesh.Abstractions.Audit;

/// <summary>One request to the management API that changed something, or wanted to. Never holds a body, a header or a query.</summary>
public sealed record AuditEntry
{
    /// <summary>Unlike any other's. Those of one silo sort in the order in which they were answered.</summary>
    public required string Id { get; init; }

    /// <summary>When it was answered, by the silo's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who asked: the name that was proved, or <c>anonymous</c>.</summary>
    public required string By { get; init; }

    /// <summary>The network address that the request came from. Null when there is none.</summary>
    public string? From { get; init; }

    public required string Method { get; init; }

    /// <summary>Without the query.</summary>
    public required string Path { get; init; }

    /// <summary>The namespace that the path names.</summary>
    public string? Namespace { get; init; }

    /// <summary>What the path names: <c>shop/web</c>, <c>shop/web/routes/beta</c>, <c>shop/web/endpoints/web-1</c>, <c>tokens/{id}</c>.</summary>
    public string? Resource { get; init; }

    /// <summary>
    /// The answer's status. 499: the client left before there was one. After a status from 499 on it may be unknown whether
    /// something was changed.
    /// </summary>
    public required int Status { get; init; }

    /// <summary>What was stored; of an apply the first <see cref="MaxChanges"/>. Empty when everything was so already.</summary>
    public IReadOnlyList<AuditChange> Changes { get; init; } = [];

    /// <summary>How many services were changed, when <see cref="Changes"/> has not all of them.</summary>
    public int? ChangesTotal { get; init; }

    public required string Region { get; init; }

    /// <summary>The silo that answered: its address.</summary>
    public required string Silo { get; init; }

    public const int MaxChanges = 100;

    /// <summary>Whether it is, or may be, about a namespace.</summary>
    public bool Concerns(string name) =>
        Namespace == name || ChangesTotal is not null || Changes.Any(change => change.Service.Namespace == name);
}
