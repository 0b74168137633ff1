using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Services;

/// <summary>
/// What holds for all services of a namespace. It lives where services live, as a record with a name that no service
/// can have, so that it is stored, versioned and pushed to proxies as they are.
/// </summary>
public sealed record NamespaceSettings
{
    /// <summary>The reserved name of the record.</summary>
    public const string RecordName = "namespace-settings";

    /// <summary>Callers may send requests elsewhere with the header <c>mesh-override</c>.</summary>
    public bool AllowOverride { get; init; }

    /// <summary>Callers may ask with <c>mesh-explain: 1</c> how their request was decided.</summary>
    public bool AllowExplain { get; init; }

    /// <summary>Who may call services of the namespace that do not say so themselves; everybody when null.</summary>
    public AccessDefault? AccessDefault { get; init; }

    /// <summary>Services of the namespace only report what they would refuse, unless they say otherwise themselves.</summary>
    public bool? AccessAudit { get; init; }

    /// <summary>The record of a namespace.</summary>
    public static ServiceName Of(string space) => new(space, RecordName);

    public static bool IsRecord(ServiceName name) => name.Name == RecordName;
}
