namespace Mesh.Grains.Identity;

/// <summary>The authority cannot sign now; the message is for the operator: what is wrong, and what to change. No secrets.</summary>
[GenerateSerializer, Alias("mesh.AuthorityException")]
public sealed class AuthorityException : Exception
{
    public AuthorityException(string message) : base(message)
    {
    }

    public AuthorityException(string message, Exception? inner) : base(message, inner)
    {
    }
}
