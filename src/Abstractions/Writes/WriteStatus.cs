namespace Mesh.Abstractions.Writes;

public enum WriteStatus
{
    /// <summary>Stored and on its way to the proxies (or, in a dry run, would be).</summary>
    Stored,

    /// <summary>The state was already as asked for; no new revision.</summary>
    Unchanged,

    /// <summary>The service, rule, endpoint or revision the command speaks of does not exist.</summary>
    NotFound,

    /// <summary>The precondition does not hold.</summary>
    PreconditionFailed,

    /// <summary>The outcome would break a rule of the service; <see cref="WriteResult.Errors"/> say which.</summary>
    Invalid,
}
