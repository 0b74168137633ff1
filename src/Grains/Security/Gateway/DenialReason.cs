namespace Mesh.Grains.Security.Gateway;

/// <summary>Why something of a client was refused; the label <c>reason</c> of <c>mesh_gateway_denied_total</c>.</summary>
internal static class DenialReason
{
    /// <summary>A message larger than allowed.</summary>
    public const string Size = "size";

    /// <summary>Bytes that are no message.</summary>
    public const string Malformed = "malformed";

    /// <summary>A message that says it comes from somebody else.</summary>
    public const string Source = "source";

    /// <summary>A grain that is not for proxies.</summary>
    public const string Target = "target";

    /// <summary>An interface that is not for proxies.</summary>
    public const string Interface = "interface";

    /// <summary>A call between silos without a valid proof that it comes from one.</summary>
    public const string Token = "token";

    /// <summary>An answer to nothing that was asked.</summary>
    public const string Answer = "answer";

    /// <summary>Advice on where grains are, which is for silos to give, or a silo that is none.</summary>
    public const string Routing = "routing";

    /// <summary>A client id that is taken, or reserved.</summary>
    public const string Client = "client";

    /// <summary>More clients, proxies or subscriptions than there is room for.</summary>
    public const string Limit = "limit";

    /// <summary>A proxy that acts for another proxy, service or namespace than it has proved to be.</summary>
    public const string Identity = "identity";

    /// <summary>A connection that did not say who it is in time.</summary>
    public const string Silence = "silence";
}
