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

    private readonly Lazy<IDataProtector> _protector = new(() => Open(directory));

    public byte[] Protect(byte[] secret) => Do(protector => protector.Protect(secret));

    public byte[] Unprotect(byte[] secret)
    {
        try
        {
            return Do(protector => protector.Unprotect(secret));
        }
        catch (CryptographicException exception)
        {
            throw new AuthorityException(
                $"The authority's key in the store was encrypted with keys that are not in {directory}. Give all silos of the region one directory "
                + "(Mesh:Identity:DataProtection:Directory), or an authority in files (Mesh:Identity:Ca). If the keys are lost, delete the authority from the store: "
                + "a new one is made, and proxies need new join tokens.",
                exception);
        }
    }

    private static IDataProtector Open(string directory)
    {
        var keys = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(directory)
            : Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return DataProtectionProvider.Create(keys, static builder => builder.SetApplicationName(Application)).CreateProtector(Purpose);
    }

    private byte[] Do(Func<IDataProtector, byte[]> work)
    {
        try
        {
            return work(_protector.Value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuthorityException(
                $"The directory of encryption keys, {directory} (Mesh:Identity:DataProtection:Directory), cannot be used: {exception.Message}", exception);
        }
    }
}
