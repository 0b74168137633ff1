using Mesh.Silo.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Grains.Tests.Storage;

/// <summary>Garnet as the silo hosts it.</summary>
public sealed class GarnetFixture : StoreFixture
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-garnet-");
    private EmbeddedStore? _store;

    /// <summary>Key by key: Garnet 2.2.8 can hang for good in FLUSHALL while it commits its append-only file.</summary>
    internal override async Task Empty()
    {
        var database = Multiplexer.GetDatabase();
        await foreach (var key in Multiplexer.GetServers()[0].KeysAsync())
        {
            await database.KeyDeleteAsync(key);
        }
    }

    protected override Task<string> Start()
    {
        _store = EmbeddedStore.Start(_directory.FullName, NullLoggerFactory.Instance);
        return Task.FromResult(_store.ConnectionString);
    }

    protected override ValueTask Stop()
    {
        _store?.Dispose();
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
