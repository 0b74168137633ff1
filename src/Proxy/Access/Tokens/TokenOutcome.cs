namespace Mesh.Proxy.Access.Tokens;

/// <summary>What became of a request's token.</summary>
internal enum TokenOutcome
{
    /// <summary>There is none, or nobody's are believed; no error.</summary>
    None,

    Valid,

    /// <summary>Not valid: 401.</summary>
    Refused,

    /// <summary>The issuer's keys could not be had: 503.</summary>
    Unavailable,
}
