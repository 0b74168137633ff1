using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>
/// Secrets of every kind are planted where real ones are, what can fail is made to fail, and everything that the programs said,
/// showed or kept is searched for them.
/// </summary>
public sealed class PlantedSecretsTests : IAsyncLifetime
{
    private const string Redis = "planted-redis-password";
    private const string Bearer = "planted-bearer-token-of-a-caller";
    private const string Cookie = "planted-cookie-of-a-caller";
    private const string Query = "planted-query-of-a-caller";
    private const string Wrong = "planted-wrong-token";

    private readonly TemporaryDirectory _files = new();
    private readonly TemporaryDirectory _siloData = new();
    private readonly TemporaryDirectory _proxyData = new();
    private readonly Dictionary<string, string> _planted = new(StringComparer.Ordinal)
    {
        ["the password of Redis"] = Redis,
        ["a caller's token"] = Bearer,
        ["a caller's cookie"] = Cookie,
        ["a caller's query"] = Query,
        ["a token that is wrong"] = Wrong,
    };

    private RedisServer _redis = null!;
    private TestApplication _app = null!;
    private SiloProcess _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await TestApplication.Start("app");
        _redis = await RedisServer.Start();
        await _redis.Command("CONFIG", "SET", "rdbcompression", "no");
        await _redis.Command("CONFIG", "SET", "requirepass", Redis);
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        _planted["the silos' secret"] = secret;
        _silo = await SiloProcess.Ready(new SiloSettings
        {
            DataDirectory = _siloData.Path,
            Environment = new Dictionary<string, string?>
            {
                ["Mesh__Redis"] = $"{_redis.ConnectionString},password={Redis}",
                ["Mesh__Silo__Secret"] = secret,
                ["Mesh__Api__Auth__Mode"] = "Required",
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        _redis.Dispose();
        await _app.DisposeAsync();
        _files.Dispose();
        _siloData.Dispose();
        _proxyData.Dispose();
    }

    [Fact]
    public async Task No_secret_is_told_anywhere()
    {
        var said = new StringBuilder();
        var admin = (await File.ReadAllTextAsync(Path.Combine(_siloData.Path, "admin.token"), TestContext.Current.CancellationToken)).Trim();
        _planted["the administrator's token"] = admin;
        _silo.Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);
        var api = await Make("/v1/tokens", new { name = "ci", role = "editor", namespaces = new[] { "shop" } }, "an API token");
        var join = await Make("/v1/identity/tokens", new { service = "shop/web" }, "a join token");
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "join"), join, TestContext.Current.CancellationToken);
        var adminToken = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _planted["the token of the proxy's admin port"] = adminToken;
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "admin"), adminToken, TestContext.Current.CancellationToken);

        await using var proxy = await ProxyProcess.Ready(new ProxySettings
        {
            ControlPlane = _silo.Url,
            DataDirectory = _proxyData.Path,
            Service = "shop/web",
            AppPort = _app.Port,
            More = new Dictionary<string, string>
            {
                ["Mesh:Identity:TokenFile"] = Path.Combine(_files.Path, "join"),
                ["Mesh:Admin:TokenFile"] = Path.Combine(_files.Path, "admin"),
            },
        });
        proxy.Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", adminToken);
        await proxy.Reaches("web.shop", "app");
        using var tap = await proxy.Admin.GetAsync("/tap?headers=true&for=3s", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        await CallWithSecrets(proxy);
        await Fail(proxy);
        said.Append(await tap.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("<redacted>", said.ToString(), StringComparison.Ordinal);

        said.Append(await Pages(_silo.Api, "/v1/services", "/v1/services/shop/web", "/v1/services/shop/web/revisions", "/v1/export", "/v1/audit", "/v1/audit?refused=true",
            "/v1/tokens", "/v1/identity/tokens", "/v1/identity/bundle", "/v1/gateways", "/v1/proxies", "/v1/regions", "/v1/session", "/metrics", "/openapi/v1.json"));
        said.Append(await Pages(proxy.Admin, "/snapshots", "/endpoints", "/metrics", "/identity", "/readyz"));
        said.Append(await StartWithAWrongPassword());
        foreach (var process in new[] { _silo.Process, proxy.Process })
        {
            said.AppendJoin('\n', process.Output(100_000));
            said.Append(await File.ReadAllTextAsync($"/proc/{process.Id}/cmdline", TestContext.Current.CancellationToken));
        }

        Search("what was said and shown", said.ToString());
        foreach (var file in Directory.EnumerateFiles(_siloData.Path, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) != "admin.token")
            .Concat(Directory.EnumerateFiles(_proxyData.Path, "*", SearchOption.AllDirectories)))
        {
            Search(file, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)));
        }

        // Tokens in the store are digests; the rest of it no secret at all.
        await _silo.DisposeAsync();
        Search("the store", await Dump());
        Assert.NotEmpty(api);
    }

    private async Task CallWithSecrets(ProxyProcess proxy)
    {
        for (var i = 0; i < 5; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/page?secret={Query}") { Headers = { Host = i == 4 ? "nobody.shop" : "web.shop" } };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Bearer}");
            request.Headers.TryAddWithoutValidation("Cookie", $"session={Cookie}");
            using var answer = await proxy.Outbound.SendAsync(request);
        }

        using var explained = await proxy.Admin.PostAsJsonAsync("/explain", new { authority = "web.shop", path = $"/page?secret={Query}", headers = new { authorization = $"Bearer {Bearer}" } });
        Search("an explanation", await explained.Content.ReadAsStringAsync());
    }

    /// <summary>Everything that has a secret in it and is refused.</summary>
    private async Task Fail(ProxyProcess proxy)
    {
        foreach (var (client, path) in ((HttpClient, string)[])[(_silo.Api, "/v1/services"), (proxy.Admin, "/snapshots")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Wrong) } };
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Search("an error", await answer.Content.ReadAsStringAsync());
        }

        using var refused = await _silo.Api.PostAsJsonAsync("/v1/identity/certificates", new { csr = "nothing", token = $"mesh-join.0123456789abcdef.{Wrong}" });
        Assert.False(refused.IsSuccessStatusCode);
        Search("an error", await refused.Content.ReadAsStringAsync());
        await _redis.Command("AUTH", Wrong).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private static async Task<string> Pages(HttpClient client, params string[] paths)
    {
        var all = new StringBuilder();
        foreach (var path in paths)
        {
            using var answer = await client.GetAsync(path);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
            all.Append(await answer.Content.ReadAsStringAsync());
        }

        return all.ToString();
    }

    private async Task<string> StartWithAWrongPassword()
    {
        await using var silo = SiloProcess.Launch(new SiloSettings
        {
            Name = "refused",
            Environment = new Dictionary<string, string?> { ["Mesh__Redis"] = $"{_redis.ConnectionString},password={Wrong}" },
        });
        await Eventually.Holds("a silo with a wrong password gives up", () => silo.Process.HasExited, TimeSpan.FromSeconds(60));
        var output = string.Join('\n', silo.Process.Output(10_000));
        Assert.Contains("Mesh:Redis", output, StringComparison.Ordinal);
        return output;
    }

    private async Task<string> Make(string path, object body, string what)
    {
        using var answer = await _silo.Api.PostAsJsonAsync(path, body);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        _planted[what] = token.Split('.')[2];
        return token;
    }

    private async Task<string> Dump()
    {
        var options = StackExchange.Redis.ConfigurationOptions.Parse($"{_redis.ConnectionString},password={Redis}");
        await using var redis = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(options);
        var all = new StringBuilder();
        await foreach (var key in redis.GetServer(redis.GetEndPoints()[0]).KeysAsync())
        {
            var dump = await redis.GetDatabase().KeyDumpAsync(key);
            all.Append(key).Append(Encoding.Latin1.GetString(dump ?? [])).Append('\n');
        }

        Assert.Contains("api-tokens", all.ToString(), StringComparison.Ordinal);
        return all.ToString();
    }

    private void Search(string where, string text)
    {
        foreach (var (what, secret) in _planted)
        {
            foreach (var form in (string[])[secret, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('='), Uri.EscapeDataString(secret)])
            {
                Assert.False(text.Contains(form, StringComparison.Ordinal), $"{what} is in {where}");
            }
        }

        Assert.False(text.Contains("PRIVATE KEY", StringComparison.Ordinal) && !where.Contains("identity", StringComparison.Ordinal), $"a private key is in {where}");
    }
}
