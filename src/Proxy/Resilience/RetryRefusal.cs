namespace Mesh.Proxy.Resilience;

/// <summary>Why a request is not tried again although its rule provides for it and has attempts left.</summary>
internal enum RetryRefusal
{
    /// <summary>The service's retry budget is used up.</summary>
    Budget,

    /// <summary>More of the body was sent than is kept.</summary>
    Body,

    /// <summary>The back-off, or the endpoint's Retry-After, is longer than the request may wait.</summary>
    Wait,
}
