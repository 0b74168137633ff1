namespace Mesh.Proxy.Resilience;

/// <summary>Where an endpoint stands in outlier detection.</summary>
internal enum EjectionPhase
{
    /// <summary>It gets requests.</summary>
    InRotation,

    /// <summary>It gets none, until its time is over and a request comes that can be its probe.</summary>
    Ejected,

    /// <summary>One request is on its way to find out whether it works again.</summary>
    Probing,
}
