using Mesh.Abstractions.Naming;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

internal sealed class StoreOptionsValidator : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var failures = new List<string>();
        if (!DnsLabel.IsValid(options.Region))
        {
            failures.Add($"Mesh:Region is '{options.Region}'; it must be {DnsLabel.Rule}.");
        }

        if (!string.IsNullOrWhiteSpace(options.Redis))
        {
            CheckRedis(options.Redis, failures);
        }
        else if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            failures.Add(
                "Mesh:DataDirectory is empty, and this user has no directory for application data: " +
                "name a directory for the store there, or a server in Mesh:Redis.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckRedis(string redis, List<string> failures)
    {
        try
        {
            if (ConfigurationOptions.Parse(redis).EndPoints.Count == 0)
            {
                failures.Add("Mesh:Redis names no server; write for example 'redis.example:6379,password=...'.");
            }
        }
        catch (ArgumentException exception)
        {
            failures.Add($"Mesh:Redis is not a StackExchange.Redis connection string: {exception.Message}");
        }
    }
}
