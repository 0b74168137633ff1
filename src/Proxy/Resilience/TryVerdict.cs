namespace Mesh.Proxy.Resilience;

/// <summary>What a try says about its endpoint.</summary>
internal enum TryVerdict
{
    /// <summary>Nothing: the caller left or sent nonsense, or the request's time was nearly over when the try began.</summary>
    Nothing,
    Success,
    Failure,
}
