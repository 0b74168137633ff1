namespace Mesh.Proxy.Limits;

/// <summary>Why the proxy refuses a request for its own sake.</summary>
internal enum ShedReason
{
    None,

    /// <summary>Too many are in flight.</summary>
    Requests,

    /// <summary>The process has nearly all the memory it may have.</summary>
    Memory,

    /// <summary>Work waits too long for a thread.</summary>
    Queue,
}
