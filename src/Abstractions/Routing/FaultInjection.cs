namespace Mesh.Abstractions.Routing;

/// <summary>Faults for a share of the requests, to test how callers take them (as Istio's <c>HTTPFaultInjection</c>). At least one member.</summary>
public sealed record FaultInjection
{
    public FaultDelay? Delay { get; init; }

    public FaultAbort? Abort { get; init; }
}
