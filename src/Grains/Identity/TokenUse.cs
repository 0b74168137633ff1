namespace Mesh.Grains.Identity;

public enum TokenUse
{
    Granted,

    /// <summary>As many keys as may have used it.</summary>
    UsedUp,

    /// <summary>It is gone.</summary>
    Revoked,
}
