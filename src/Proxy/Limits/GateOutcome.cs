namespace Mesh.Proxy.Limits;

/// <summary>What became of a request that wanted through a <see cref="RequestGate"/>.</summary>
internal enum GateOutcome
{
    /// <summary>It is in, and must leave.</summary>
    Entered,

    /// <summary>As many wait as may.</summary>
    Refused,

    /// <summary>It has waited for as long as it may.</summary>
    TimedOut,

    /// <summary>Its caller left.</summary>
    Abandoned,
}
