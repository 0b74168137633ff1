using System.Security.Cryptography;
using System.Text;
using Mesh.Abstractions.Connections;
using Mesh.Silo.Hosting;

namespace Mesh.Silo.Api.Access;

/// <summary>
/// The first administrator's token, in a file of this silo, so that there is a way in before there are other tokens, and
/// while the store is away. Read again when it changes.
/// </summary>
internal sealed partial class AdminTokenFile : IBearerAuthenticator
{
    private readonly TokenFile _file;
    private readonly ILogger _logger;

    private AdminTokenFile(string path, TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _file = new TokenFile(path, time, reason => LogKept(path, reason));
    }

    /// <summary>Opens the file, and makes it when there is none.</summary>
    /// <exception cref="SiloStartException">It cannot be read or made, or has no usable token.</exception>
    public static AdminTokenFile Open(string path, TimeProvider time, ILogger<AdminTokenFile> logger)
    {
        try
        {
            if (!File.Exists(path))
            {
                Make(path);
                LogMade(logger, path);
            }

            var token = new AdminTokenFile(path, time, logger);
            if (token._file.IsOpenToOthers)
            {
                LogOpenToOthers(logger, path);
            }

            return token;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new SiloStartException($"the administrator's token in {path} (Mesh:Api:Auth:AdminTokenFile) cannot be used: {exception.Message}", exception);
        }
    }

    public ValueTask<ApiPrincipal?> Find(string token, CancellationToken cancellationToken) => ValueTask.FromResult(
        _file.Has(token) ? new ApiPrincipal("admin", [ApiGrant.Everything]) : null);

    private static void Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new StreamWriter(path, Encoding.ASCII, options);
        file.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
    }

    [LoggerMessage(3301, LogLevel.Information, "Made a token for the first administrator of this silo's management API: {Path}")]
    private static partial void LogMade(ILogger logger, string path);

    [LoggerMessage(3302, LogLevel.Warning, "The administrator's token in {Path} has changed and cannot be used ({Reason}); the one before stays good")]
    private partial void LogKept(string path, string reason);

    [LoggerMessage(3305, LogLevel.Warning, "Others than its owner can read the administrator's token in {Path} (Mesh:Api:Auth:AdminTokenFile), and use it: chmod 600 {Path}")]
    private static partial void LogOpenToOthers(ILogger logger, string path);
}
