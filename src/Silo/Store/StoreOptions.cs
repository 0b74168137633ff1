using Mesh.Grains.Storage;

namespace Mesh.Silo.Store;

/// <summary>Where the region's state is kept. Bound to the configuration section <c>Mesh</c>.</summary>
internal sealed class StoreOptions
{
    public const string Section = "Mesh";

    /// <value>A StackExchange.Redis connection string; when absent, the silo hosts the store itself.</value>
    public string? Redis { get; set; }

    public RedisTlsOptions RedisTls { get; set; } = new();

    /// <value>Where the store the silo hosts keeps its files. Default: <c>mesh/silo</c> in the user's local application data.</value>
    public string DataDirectory { get; set; } = DefaultDataDirectory();

    /// <value>The region, a DNS-1123 label. Default: <c>local</c>. Regions may share a Redis.</value>
    public string Region { get; set; } = "local";

    /// <value>What the region's keys begin with, a DNS-1123 label. Default: <c>mesh</c>.</value>
    public string RedisPrefix { get; set; } = RedisKeys.DefaultPrefix;

    /// <value>How many replicas must have a write before it is acknowledged. Default: 0, the primary alone is enough.</value>
    public int RedisReplicas { get; set; }

    /// <value>How long a write waits for its replicas. Default: 1 s; at most 1.2 s, so that a write is answered within 2 s.</value>
    public TimeSpan RedisReplicasTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <value>The regions this one exchanges its state with, by their names.</value>
    public Dictionary<string, PeerOptions> Peers { get; set; } = [];

    /// <summary>Reads and checks the options before there is a host: the store must be open before its first part starts.</summary>
    /// <exception cref="StoreStartException">They are not usable; the message has all reasons.</exception>
    public static StoreOptions Read(IConfiguration configuration)
    {
        StoreOptions options;
        try
        {
            options = configuration.GetSection(Section).Get<StoreOptions>() ?? new StoreOptions();

            // One by one: of a dictionary, the binder leaves out what it cannot read without a word.
            options.Peers = configuration.GetSection($"{Section}:{nameof(Peers)}").GetChildren()
                .ToDictionary(static peer => peer.Key, static peer => peer.Get<PeerOptions>() ?? new PeerOptions());
        }
        catch (InvalidOperationException exception)
        {
            throw new StoreStartException(exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message, exception);
        }

        var result = new StoreOptionsValidator().Validate(name: null, options);
        return result.Failed ? throw new StoreStartException(result.FailureMessage) : options;
    }

    private static string DefaultDataDirectory()
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length == 0 ? "" : Path.Combine(data, "mesh", "silo");
    }
}
