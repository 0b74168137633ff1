using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using Mesh.Testing;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace Mesh.EndToEnd.Tests.Secrets;

/// <summary>Everything in a region's Redis, and the secrets in it that only the silos' keys decrypt.</summary>
internal static class StoredSecrets
{
    /// <summary>What each encrypted value of ASP.NET Data Protection begins with.</summary>
    private static readonly byte[] Magic = [0x09, 0xF0, 0xC9, 0xF0];

    /// <summary>All keys with their values, as Redis keeps them (<c>DUMP</c>). It must not compress them (<c>rdbcompression no</c>).</summary>
    public static async Task<byte[]> Dump(RedisServer server, string? password = null)
    {
        await using var redis = await Connect(server, password);
        using var all = new MemoryStream();
        await foreach (var key in redis.GetServer(redis.GetEndPoints()[0]).KeysAsync())
        {
            all.Write((byte[])key!);
            all.Write(await redis.GetDatabase().KeyDumpAsync(key));
        }

        return all.ToArray();
    }

    /// <summary>The private key of the newest authority that the silos made, and the silos' own secret where they have made one.</summary>
    /// <param name="keys">The directory of the silos' encryption keys.</param>
    public static async Task<(byte[] AuthorityKey, byte[]? SiloSecret)> Decrypt(RedisServer server, string keys, string? password = null)
    {
        await using var redis = await Connect(server, password);
        var database = redis.GetDatabase();
        var names = new List<string>();
        await foreach (var name in redis.GetServer(redis.GetEndPoints()[0]).KeysAsync())
        {
            names.Add(name.ToString());
        }

        var authorities = await database.HashGetAllAsync(names.Single(static name => name.EndsWith("authorities", StringComparison.Ordinal)));
        var stored = JsonDocument.Parse((byte[])authorities.MaxBy(static one => (int)one.Name).Value!).RootElement;
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Decrypt(stored.GetProperty("protectedKey").GetBytesFromBase64(), keys), out _);

        var secret = names.Find(static name => name.EndsWith("silo-secret", StringComparison.Ordinal));
        return (key.ExportParameters(includePrivateParameters: true).D!,
            secret is null ? null : Decrypt((byte[])(await database.StringGetAsync(secret))!, keys));
    }

    /// <summary>The keys that encrypt what is stored, from their files.</summary>
    public static IEnumerable<string> EncryptionKeys(string keys) => Directory.EnumerateFiles(keys, "*.xml")
        .SelectMany(static file => XDocument.Load(file).Descendants("masterKey").Select(static key => key.Element("value")!.Value));

    /// <summary>By the names that silos use (DataProtectionVault): what is stored has to stay readable, so they are fixed.</summary>
    private static byte[] Decrypt(byte[] value, string keys)
    {
        Assert.Equal(Magic, value[..Magic.Length]);
        return DataProtectionProvider.Create(new DirectoryInfo(keys), static builder => builder.SetApplicationName("mesh"))
            .CreateProtector("mesh.identity.authority.v1").Unprotect(value);
    }

    private static async Task<ConnectionMultiplexer> Connect(RedisServer server, string? password)
    {
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        options.Password = password;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
