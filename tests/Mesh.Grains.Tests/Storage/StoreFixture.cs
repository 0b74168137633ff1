using Mesh.Silo.Store;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Storage;

/// <summary>A server that is shared by the tests of a class; each test has a region of its own on it.</summary>
public abstract class StoreFixture : IAsyncLifetime
{
    /// <summary>These tests are not about time, and the machine may be busy.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ConfigurationOptions? _configuration;
    private ConnectionMultiplexer? _multiplexer;
    private int _regions;

    /// <summary>A connection of the tests' own, with the silo's settings; it may do anything to the server.</summary>
    internal ConnectionMultiplexer Multiplexer => _multiplexer ?? throw new InvalidOperationException("Not started");

    protected abstract Task<string> Start();

    protected abstract ValueTask Stop();

    internal TestStore NewRegion() => new(Multiplexer, $"test-{Interlocked.Increment(ref _regions)}", Patience);

    /// <summary>Removes every key, as an operator's mistake would.</summary>
    internal virtual Task Empty() => Multiplexer.GetServers()[0].FlushAllDatabasesAsync();

    internal async Task<ConnectionMultiplexer> Connect() => await ConnectionMultiplexer.ConnectAsync(_configuration!);

    public async ValueTask InitializeAsync()
    {
        _configuration = RedisConfiguration.Of(await Start());
        _configuration.AllowAdmin = true;
        _configuration.AsyncTimeout = (int)Patience.TotalMilliseconds;
        _multiplexer = await Connect();
    }

    public async ValueTask DisposeAsync()
    {
        if (_multiplexer is not null)
        {
            await _multiplexer.DisposeAsync();
        }

        await Stop();
        GC.SuppressFinalize(this);
    }
}
