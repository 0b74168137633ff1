namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>What may be wrong with an endpoint. None of them happens after the head of a response.</summary>
internal enum Fault
{
    None,

    /// <summary>Its connections were reset and nobody listens any more.</summary>
    Dead,

    /// <summary>It takes requests and answers none.</summary>
    Hanging,

    /// <summary>It answers 503 to everything; gRPC calls get UNAVAILABLE.</summary>
    Unavailable,

    /// <summary>It answers, but takes its time. Not a failure.</summary>
    Slow,

    /// <summary>It resets connections instead of answering, before or after it has read the request's body.</summary>
    Resetting,

    /// <summary>It resets connections in the middle of a response's head.</summary>
    Truncating,

    /// <summary>Its process was ended by SIGKILL.</summary>
    Killed,

    /// <summary>Its process was stopped by SIGSTOP: the kernel goes on accepting connections.</summary>
    Frozen,
}
