namespace Mesh.Silo.Api.Access;

/// <summary>Encrypts sessions. Throws <see cref="System.Security.Cryptography.CryptographicException"/> for what it has not encrypted.</summary>
internal interface ISessionProtector
{
    byte[] Protect(byte[] session);

    byte[] Unprotect(byte[] session);
}
