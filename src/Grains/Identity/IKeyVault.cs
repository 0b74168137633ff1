namespace Mesh.Grains.Identity;

/// <summary>Encrypts what is secret before it is stored, with keys that all silos of the region have and the store has not.</summary>
public interface IKeyVault
{
    byte[] Protect(byte[] secret);

    /// <exception cref="AuthorityException">Encrypted with keys this silo does not have; the message says how to mend that.</exception>
    byte[] Unprotect(byte[] secret);
}
