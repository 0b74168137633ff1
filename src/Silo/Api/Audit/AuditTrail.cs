using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Naming;

namespace Mesh.Silo.Api.Audit;

/// <summary>What handlers tell the audit log of one request. May be told from several threads at once.</summary>
internal sealed class AuditTrail
{
    private readonly Lock _lock = new();
    private readonly List<AuditChange> _changes = [];
    private int _total;

    /// <summary>A change was asked of the store: from here on, an answer that fails says nothing of the outcome.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>What the request is about, where its path does not say it.</summary>
    public string? Resource { get; private set; }

    public string? Namespace { get; private set; }

    /// <summary>The trail of a request; one that nobody reads where the request is not audited.</summary>
    public static AuditTrail Of(HttpContext context)
    {
        if (context.Features.Get<AuditTrail>() is not { } trail)
        {
            trail = new AuditTrail();
            context.Features.Set(trail);
        }

        return trail;
    }

    public void Begin() => IsBegun = true;

    /// <param name="resource">Such as <c>identity/tokens/{id}</c>. Never a secret.</param>
    public void Name(string resource, string? ofNamespace) => (Resource, Namespace) = (resource, ofNamespace);

    /// <param name="revision">The service's, from then on; null where it was deleted.</param>
    public void Add(ServiceName service, long? revision)
    {
        lock (_lock)
        {
            if (_total++ < AuditEntry.MaxChanges)
            {
                _changes.Add(new AuditChange { Service = service, Revision = revision });
            }
        }
    }

    /// <returns>The changes in the order of their names, and how many there were where these are not all.</returns>
    public (IReadOnlyList<AuditChange> Changes, int? Total) Read()
    {
        lock (_lock)
        {
            return ([.. _changes.OrderBy(static change => change.Service.ToString(), StringComparer.Ordinal)], _total > _changes.Count ? _total : null);
        }
    }
}
