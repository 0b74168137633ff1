using System.Security.Cryptography;
using Mesh.Grains.Identity;
using Mesh.Silo.Api.Access;
using Microsoft.AspNetCore.DataProtection;

namespace Mesh.Silo.Identity;

/// <summary>Encrypts browsers' sessions with the keys of <see cref="DataProtectionVault"/>, for a purpose of their own.</summary>
internal sealed class SessionVault(DataProtectionVault vault) : ISessionProtector
{
    private const string Purpose = "mesh.api.session.v1";

    private readonly Lazy<IDataProtector> _protector = new(() => vault.CreateProtector(Purpose));

    /// <exception cref="AuthorityException">The keys cannot be used.</exception>
    public byte[] Protect(byte[] session) => _protector.Value.Protect(session);

    /// <exception cref="CryptographicException">It was not encrypted here.</exception>
    /// <exception cref="AuthorityException">The keys cannot be used.</exception>
    public byte[] Unprotect(byte[] session) => _protector.Value.Unprotect(session);
}
