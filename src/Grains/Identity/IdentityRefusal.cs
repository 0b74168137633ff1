namespace Mesh.Grains.Identity;

public enum IdentityRefusal
{
    /// <summary>The signing request is malformed or its key too weak.</summary>
    Request,

    /// <summary>The proof is not worth anything: unknown, expired, used up, of another trust domain.</summary>
    Proof,

    /// <summary>This kind of proof is not set up here.</summary>
    NotSupported,
}
