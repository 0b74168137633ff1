using System.Globalization;
using Mesh.Silo.Store;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Silo.Tests.Store;

/// <summary>A redis-server that speaks TLS only on a second port, and wants to know who calls.</summary>
public sealed class RedisTlsTests : IAsyncLifetime
{
    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly TestDirectory _files = new();
    private readonly TestAuthority _authority = TestAuthority.Make(Time.GetUtcNow());
    private readonly int _port = FreePort.Next();
    private RedisServer _redis = null!;

    private string Roots => File("roots.pem");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_files.Data);
        await System.IO.File.WriteAllTextAsync(Roots, _authority.Pem);
        TestFiles.Write(_files.Data, "server", _authority, Time.GetUtcNow());
        TestFiles.Write(_files.Data, "silo", _authority, Time.GetUtcNow());
        _redis = await RedisServer.Start();
        await _redis.Command("CONFIG", "SET", "tls-cert-file", File("server.pem"), "tls-key-file", File("server.key"), "tls-ca-cert-file", Roots);
        await _redis.Command("CONFIG", "SET", "tls-port", _port.ToString(CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync()
    {
        _redis.Dispose();
        _files.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_server_of_an_authority_of_ones_own_is_reached_with_a_certificate_of_ones_own()
    {
        await using var connection = await Open(Tls("silo"));

        Assert.True(await connection.Multiplexer.GetDatabase().StringSetAsync("x", "1"));
        Assert.Equal("$1", await _redis.Command("GET", "x"));
    }

    [Fact]
    public async Task An_intermediate_that_the_server_does_not_know_is_shown_with_the_certificate()
    {
        var intermediate = TestAuthority.Make(Time.GetUtcNow(), _authority);
        var (certificate, _) = TestFiles.Write(_files.Data, "nested", intermediate, Time.GetUtcNow());
        await Assert.ThrowsAsync<StoreStartException>(() => Open(Tls("nested")));

        await System.IO.File.AppendAllTextAsync(certificate, Environment.NewLine + intermediate.Pem, TestContext.Current.CancellationToken);

        await using var connection = await Open(Tls("nested"));
        Assert.True(await connection.Multiplexer.GetDatabase().StringSetAsync("x", "1"));
    }

    [Fact]
    public async Task A_server_whose_authority_is_not_trusted_is_not_spoken_to()
    {
        await System.IO.File.WriteAllTextAsync(Roots, TestAuthority.Make(Time.GetUtcNow()).Pem, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<StoreStartException>(() => Open(Tls("silo")));
    }

    [Fact]
    public async Task A_server_of_another_name_is_not_spoken_to() =>
        await Assert.ThrowsAsync<StoreStartException>(() => Open(Tls("silo"), host: "redis.example"));

    [Fact]
    public async Task A_file_that_is_no_certificate_is_named()
    {
        await System.IO.File.WriteAllTextAsync(Roots, "nothing", TestContext.Current.CancellationToken);

        var exception = await Assert.ThrowsAsync<StoreStartException>(() => Open(Tls("silo")));

        Assert.Contains("Mesh:RedisTls:Roots", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis.example,ssl=true", "a", null, "belong together")]
    [InlineData("redis.example", "a", "b", "add 'ssl=true'")]
    [InlineData(null, "a", "b", "is for a server in Mesh:Redis")]
    public void Files_that_would_do_nothing_are_refused(string? redis, string? certificate, string? key, string message)
    {
        var options = new StoreOptions { Redis = redis, RedisTls = new RedisTlsOptions { Certificate = certificate, Key = key } };

        Assert.Contains(message, new StoreOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    private RedisTlsOptions Tls(string name) => new() { Roots = Roots, Certificate = File($"{name}.pem"), Key = File($"{name}.key") };

    private Task<StoreConnection> Open(RedisTlsOptions tls, string host = "localhost") => StoreConnection.OpenAsync(
        new StoreOptions { Redis = $"127.0.0.1:{_port},ssl=true,sslHost={host}", RedisTls = tls }, NullLoggerFactory.Instance, Time);

    private string File(string name) => Path.Combine(_files.Data, name);
}
