namespace Mesh.Proxy.Filters;

/// <summary>What filters of a rule did with a request.</summary>
internal enum FilterAction
{
    Redirect,
    DirectResponse,

    /// <summary>A CORS preflight was answered.</summary>
    Preflight,

    /// <summary>A request was held up.</summary>
    Delay,

    /// <summary>A request was answered with an injected error.</summary>
    Abort,

    /// <summary>A copy was sent and answered.</summary>
    Mirror,

    /// <summary>A copy was sent and not answered, or not in time.</summary>
    MirrorFailed,

    /// <summary>A copy was given up: too many were on their way, it could not keep up, or it had nowhere to go.</summary>
    MirrorDropped,
}
