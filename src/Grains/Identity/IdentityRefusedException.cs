namespace Mesh.Grains.Identity;

/// <summary>A proxy does not get a certificate. The message tells it why and what to do, and no secret.</summary>
[GenerateSerializer, Alias("mesh.IdentityRefusedException")]
public sealed class IdentityRefusedException : Exception
{
    public IdentityRefusedException(IdentityRefusal reason, string message) : base(message) => Reason = reason;

    [Id(0)] public IdentityRefusal Reason { get; }
}
