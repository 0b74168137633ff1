using System.Security.Cryptography;
using Mesh.Grains.Identity;
using Microsoft.AspNetCore.DataProtection;

namespace Mesh.Silo.Identity;

/// <summary>
/// Encrypts with ASP.NET Data Protection. Its keys are files in a directory for this user only, apart from the store: a
/// copy of the store alone does not give away the authority's key. The directory is made when it is first needed.
/// </summary>
internal sealed class DataProtectionVault(string directory) : IKeyVault
{
    /// <summary>The same in all silos, wherever they are installed.</summary>
    private const string Application = "mesh";

    private const string Purpose = "mesh.identity.authority.v1";

    private readonly Lazy<IDataProtectionProvider> _provider = new(() => Open(directory));

    private IDataProtector Protector => _provider.Value.CreateProtector(Purpose);

    /// <summary>Whether something was encrypted here before, by any silo that shares the directory.</summary>
    /// <exception cref="AuthorityException">The directory cannot be used.</exception>
    public bool HasKeys => Do(() => Directory.Exists(directory) && Directory.EnumerateFiles(directory, "key-*.xml").Any());

    public byte[] Protect(byte[] secret) => Do(() => Protector.Protect(secret));

    public byte[] Unprotect(byte[] secret)
    {
        try
        {
            return Do(() => Protector.Unprotect(secret));
        }
        catch (CryptographicException exception)
        {
            throw new AuthorityException(
                $"The authority's key in the store was encrypted with keys that are not in {directory}. Give all silos of the region one directory "
                + "(Mesh:Identity:DataProtection:Directory), or an authority in files (Mesh:Identity:Ca). If the keys are lost, stop all silos of the region, "
                + "since those that run put back what they know, and delete the authority from the store (the key that ends in :authorities): a new one is made, and proxies need new join tokens.",
                exception);
        }
    }

    /// <exception cref="AuthorityException">The keys cannot be used.</exception>
    public IDataProtector CreateProtector(string purpose) => Do(() => _provider.Value.CreateProtector(purpose));

    private static IDataProtectionProvider Open(string directory)
    {
        var keys = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(directory)
            : Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return DataProtectionProvider.Create(keys, static builder => builder.SetApplicationName(Application));
    }

    private T Do<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuthorityException(
                $"The directory of encryption keys, {directory} (Mesh:Identity:DataProtection:Directory), cannot be used: {exception.Message}", exception);
        }
    }
}
