using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Regions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

internal sealed class StoreOptionsValidator : IValidateOptions<StoreOptions>
{
    private static readonly TimeSpan ShortestSilence = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var failures = new List<string>();
        if (!DnsLabel.IsValid(options.Region))
        {
            failures.Add($"Mesh:Region is '{options.Region}'; it must be {DnsLabel.Rule}.");
        }

        CheckPrefix("Mesh:RedisPrefix", options.RedisPrefix, failures);
        CheckReplicas(options, failures);
        foreach (var (peer, settings) in options.Peers)
        {
            CheckPeer(peer, settings, options.Region, failures);
        }

        if (!string.IsNullOrWhiteSpace(options.Redis))
        {
            CheckRedis("Mesh:Redis", options.Redis, failures);
            CheckTls("Mesh:Redis", options.Redis, options.RedisTls, failures);
        }
        else if (!options.RedisTls.IsEmpty)
        {
            failures.Add("Mesh:RedisTls is for a server in Mesh:Redis; the store that a silo hosts itself is reached on loopback only.");
        }
        else if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            failures.Add(
                "Mesh:DataDirectory is empty, and this user has no directory for application data: " +
                "name a directory for the store there, or a server in Mesh:Redis.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckReplicas(StoreOptions options, List<string> failures)
    {
        if (options.RedisReplicas is < 0 or > 10)
        {
            failures.Add($"Mesh:RedisReplicas is {options.RedisReplicas}; write how many replicas must have a write before it is acknowledged, 0 to 10.");
        }
        else if (options.RedisReplicas > 0 && string.IsNullOrWhiteSpace(options.Redis))
        {
            failures.Add("Mesh:RedisReplicas needs a server with replicas in Mesh:Redis; the store that a silo hosts itself has none.");
        }

        if (options.RedisReplicasTimeout < TimeSpan.FromMilliseconds(10) || options.RedisReplicasTimeout > TimeSpan.FromSeconds(1.2))
        {
            failures.Add($"Mesh:RedisReplicasTimeout is {options.RedisReplicasTimeout}; it must be 10 ms to 1.2 s, so that a write is answered within 2 s.");
        }
    }

    private static void CheckPeer(string peer, PeerOptions settings, string region, List<string> failures)
    {
        if (!DnsLabel.IsValid(peer))
        {
            failures.Add($"Mesh:Peers:{peer} is not a region's name; it must be {DnsLabel.Rule}.");
        }
        else if (peer == region)
        {
            failures.Add($"Mesh:Peers:{peer} is this region itself (Mesh:Region); name other regions there.");
        }

        if (string.IsNullOrWhiteSpace(settings.Redis))
        {
            failures.Add($"Mesh:Peers:{peer}:Redis is missing; write where that region's Redis is, such as 'redis.example:6379,user=...,password=...'.");
        }
        else
        {
            CheckRedis($"Mesh:Peers:{peer}:Redis", settings.Redis, failures);
            CheckTls($"Mesh:Peers:{peer}:Redis", settings.Redis, settings.RedisTls, failures);
        }

        CheckPrefix($"Mesh:Peers:{peer}:Prefix", settings.Prefix, failures);
        if (settings.StaleAfter < ShortestSilence || settings.StaleAfter > LongestSilence)
        {
            failures.Add(
                $"Mesh:Peers:{peer}:StaleAfter is {settings.StaleAfter}; write {ShortestSilence} (its silos give a sign of life every 2 s) " +
                $"to {LongestSilence}, such as 00:00:30.");
        }

        if (!Enum.IsDefined(settings.Via))
        {
            failures.Add($"Mesh:Peers:{peer}:Via is '{settings.Via}'; write {string.Join(" or ", Enum.GetNames<RegionVia>())}.");
        }
    }

    private static void CheckPrefix(string key, string prefix, List<string> failures)
    {
        if (!DnsLabel.IsValid(prefix))
        {
            failures.Add($"{key} is '{prefix}'; it must be {DnsLabel.Rule}.");
        }
    }

    /// <summary>Files that nobody reads would be taken for safety.</summary>
    private static void CheckTls(string key, string redis, RedisTlsOptions tls, List<string> failures)
    {
        if (tls.Certificate is null != tls.Key is null)
        {
            failures.Add($"{key}Tls:Certificate and {key}Tls:Key belong together: give both PEM files, or neither.");
        }

        try
        {
            if (!tls.IsEmpty && !ConfigurationOptions.Parse(redis).Ssl)
            {
                failures.Add($"{key}Tls has files for TLS, and {key} does not ask for it: add 'ssl=true' to the connection string.");
            }
        }
        catch (ArgumentException)
        {
            // That it cannot be read has been said.
        }
    }

    private static void CheckRedis(string key, string redis, List<string> failures)
    {
        try
        {
            if (ConfigurationOptions.Parse(redis).EndPoints.Count == 0)
            {
                failures.Add($"{key} names no server; write for example 'redis.example:6379,password=...'.");
            }
        }
        catch (ArgumentException exception)
        {
            failures.Add($"{key} is not a StackExchange.Redis connection string: {exception.Message}");
        }
    }
}
