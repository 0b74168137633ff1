namespace Mesh.Proxy.Access.External;

/// <summary>What came of asking about a request.</summary>
internal enum ExternalOutcome
{
    Allowed,

    /// <summary>The server could not be asked, and its settings let requests in meanwhile.</summary>
    AllowedUnasked,

    /// <summary>Refused with 401.</summary>
    Unauthenticated,

    /// <summary>Refused with 403.</summary>
    Denied,

    /// <summary>The server could not be asked: 503.</summary>
    Unavailable,
}
