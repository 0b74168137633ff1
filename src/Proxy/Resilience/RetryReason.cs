namespace Mesh.Proxy.Resilience;

/// <summary>Why a request is tried again.</summary>
internal enum RetryReason
{
    /// <summary>No connection; nothing of the request was sent.</summary>
    Connect,

    /// <summary>The endpoint answered with a status that the rule lists.</summary>
    Status,

    /// <summary>The connection broke before an answer.</summary>
    Reset,

    /// <summary>The time limit of one try passed.</summary>
    Timeout,

    /// <summary>The first try takes long; this one runs beside it.</summary>
    Hedge,
}
