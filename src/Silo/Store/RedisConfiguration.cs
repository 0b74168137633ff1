using Mesh.Grains.Links;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

/// <summary>How the silo connects: the operator says where and as whom; how long to wait is part of what the store promises.</summary>
internal static class RedisConfiguration
{
    /// <summary>How it connects to a peer region: further away, and as a user who may only read.</summary>
    public static ConfigurationOptions OfPeer(string connectionString)
    {
        var redis = Of(connectionString);
        redis.AsyncTimeout = (int)PeerStore.Limit.TotalMilliseconds;
        redis.SyncTimeout = redis.AsyncTimeout;
        redis.ConnectTimeout = 2_000;
        redis.TieBreaker = "";
        redis.ConfigurationChannel = "";
        return redis;
    }

    public static ConfigurationOptions Of(string connectionString)
    {
        var redis = ConfigurationOptions.Parse(connectionString);
        redis.ClientName ??= "mesh-silo";
        redis.AbortOnConnectFail = false;
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.ConnectTimeout = 1_000;
        redis.ConnectRetry = 1;
        redis.SyncTimeout = 1_500;
        redis.AsyncTimeout = 1_500;
        redis.KeepAlive = 5;

        // How soon it is noticed that a replica has become the primary; 60 s by default.
        redis.ConfigCheckSeconds = 3;
        redis.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
        redis.ReconnectRetryPolicy = new LinearRetry(500);
        return redis;
    }
}
