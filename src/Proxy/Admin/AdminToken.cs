using Mesh.Abstractions.Connections;
using Mesh.Proxy.Listeners;

namespace Mesh.Proxy.Admin;

/// <summary>Opens the file with the token of the admin pages.</summary>
internal static partial class AdminToken
{
    /// <exception cref="ListenerException">The file holds no token that can be used.</exception>
    public static TokenFile Open(string path, TimeProvider time, ILogger logger)
    {
        try
        {
            var token = new TokenFile(path, time, reason => LogKept(logger, path, reason));
            if (token.IsOpenToOthers)
            {
                LogOpenToOthers(logger, path);
            }

            return token;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ListenerException($"Mesh:Admin:TokenFile is '{path}', which cannot be used: {exception.Message}", exception);
        }
    }

    [LoggerMessage(2801, LogLevel.Warning, "The token in {Path} (Mesh:Admin:TokenFile) has changed and cannot be used ({Reason}); the one before stays good")]
    private static partial void LogKept(ILogger logger, string path, string reason);

    [LoggerMessage(2802, LogLevel.Warning, "Others than its owner can read the token in {Path} (Mesh:Admin:TokenFile), and use it: chmod 600 {Path}")]
    private static partial void LogOpenToOthers(ILogger logger, string path);
}
