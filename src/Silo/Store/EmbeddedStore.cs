using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Garnet;
using Garnet.common;
using Garnet.server;
using Garnet.server.Auth.Settings;
using Tsavorite.core;

namespace Mesh.Silo.Store;

/// <summary>
/// A Garnet server in the silo's process, on a loopback port of its own, for those who have no Redis. Every write is in
/// its append-only file before it is answered, so that state survives <c>kill -9</c>.
/// </summary>
internal sealed class EmbeddedStore : IDisposable
{
    private const int PortAttempts = 10;

    /// <summary>
    /// Garnet keeps a thread of the pool for each connection that waits for a lock or for the disk, and whoever could
    /// end the wait needs one as well. With as many threads as a small machine has cores, four busy connections stood
    /// still for seconds, until the pool had grown.
    /// </summary>
    private const int PoolThreads = 16;

    private readonly DirectoryLock _lock;
    private readonly GarnetServer _server;

    private EmbeddedStore(DirectoryLock directoryLock, GarnetServer server, string connectionString)
    {
        _lock = directoryLock;
        _server = server;
        ConnectionString = connectionString;
    }

    public string Directory => _lock.Directory;

    /// <summary>Holds the password, which is new at every start and nowhere else: no other program gets in.</summary>
    public string ConnectionString { get; }

    /// <exception cref="StoreStartException">The directory is in use or cannot be used, or its files cannot be read.</exception>
    public static EmbeddedStore Start(string directory, ILoggerFactory loggers)
    {
        var directoryLock = DirectoryLock.Take(directory);
        try
        {
            var files = Path.Combine(directoryLock.Directory, "store");
            System.IO.Directory.CreateDirectory(files);
            RaiseMinimumOfPool();
            var password = RandomNumberGenerator.GetHexString(64);
            var (server, port) = StartServer(files, password, loggers);
            return new EmbeddedStore(
                directoryLock, server, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port},password={password}"));
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        _lock.Dispose();
    }

    private static (GarnetServer Server, int Port) StartServer(string files, string password, ILoggerFactory loggers)
    {
        // Garnet does not tell which port it got when asked for any, so one is picked first; it may be gone by then.
        for (var attempt = 1; ; attempt++)
        {
            var port = PickPort();
            GarnetServer? server = null;
            try
            {
                server = new GarnetServer(OptionsFor(files, port, password), loggers);
                server.Start();
                return (server, port);
            }
            catch (Exception exception) when (exception is GarnetException or SocketException && attempt < PortAttempts && IsTaken(port))
            {
                server?.Dispose();
            }
            catch (Exception exception)
            {
                server?.Dispose();
                throw new StoreStartException(
                    $"The store in {files} cannot be opened: {exception.Message} If its files are damaged, move them away and apply a backup.",
                    exception);
            }
        }
    }

    private static void RaiseMinimumOfPool()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, PoolThreads), completions);
    }

    private static int PickPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool IsTaken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>
    /// Scripts run as transactions, or they would mix. The files are read and written through .NET: the default, a
    /// native library, ends the process on machines that lack libaio. Checkpoints keep the append-only file from
    /// growing for ever. Its pages must hold the largest record.
    /// </summary>
    /// <remarks>
    /// The state must fit into <c>LogMemorySize</c>, which is a limit and not reserved: with 8 MB, hashes were moved to
    /// disk and the next start after a checkpoint could not read them back (Garnet 2.2.8 ends the process). Without the
    /// storage tier they would be dropped without a word.
    /// </remarks>
    private static GarnetServerOptions OptionsFor(string files, int port, string password) => new()
    {
        EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
        AuthSettings = new PasswordAuthenticationSettings(password),
        QuietMode = true,
        EnableLua = true,
        LuaOptions = new LuaOptions(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Enable, []),
        LuaTransactionMode = true,
        DeviceType = DeviceType.RandomAccess,
        CheckpointDir = files,
        Recover = true,
        FailOnRecoveryError = true,
        EnableAOF = true,
        CommitFrequencyMs = 0,
        WaitForCommit = true,
        CheckpointFrequencySecs = 60,
        EnableStorageTier = true,
        LogDir = files,
        LogMemorySize = "4g",
        PageSize = "256k",
        SegmentSize = "16m",
        ObjectLogSegmentSize = "16m",
        IndexMemorySize = "64k",
        IndexMaxMemorySize = "16m",
        AofMemorySize = "16m",
        AofPageSize = "4m",
        AofSegmentSize = "16m",
        BufferPoolMemoryBudget = "16m",
    };
}
