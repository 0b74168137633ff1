using Mesh.Testing;

namespace Mesh.Grains.Tests.Storage;

public sealed class RedisServerFixture : StoreFixture
{
    private RedisServer? _server;

    protected override async Task<string> Start()
    {
        _server = await RedisServer.Start();
        return _server.ConnectionString;
    }

    protected override ValueTask Stop()
    {
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }
}
