using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Mesh.EndToEnd.Tests.Secrets;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>
/// Secrets of every kind are planted where real ones are, what can fail is made to fail, and everything that the programs said,
/// showed or kept is searched for them.
/// </summary>
public sealed class PlantedSecretsTests : IAsyncLifetime
{
    private const string Admin = "the administrator's token";
    private const string Encryption = "a key that encrypts what is stored";
    private const string ProxyKey = "the proxy's private key";

    /// <summary>Whoever runs these tests beside us has others: command lines of all processes are searched.</summary>
    private static readonly string Run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
    private static readonly string Redis = $"planted-redis-password-{Run}";
    private static readonly string Bearer = $"planted-bearer-token-of-a-caller-{Run}";
    private static readonly string Cookie = $"planted-cookie-of-a-caller-{Run}";
    private static readonly string Query = $"planted-query-of-a-caller-{Run}";
    private static readonly string Wrong = $"planted-wrong-token-{Run}";

    private readonly TemporaryDirectory _files = new();
    private readonly TemporaryDirectory _logs = new();
    private readonly TemporaryDirectory _siloData = new();
    private readonly TemporaryDirectory _proxyData = new();
    private readonly PlantedSecrets _secrets = new();
    private RedisServer _redis = null!;
    private TestApplication _app = null!;
    private SiloProcess _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _secrets.Add("the password of Redis", Redis);
        _secrets.Add("a caller's token", Bearer);
        _secrets.Add("a caller's cookie", Cookie);
        _secrets.Add("a caller's query", Query);
        _secrets.Add("a token that is wrong", Wrong);
        _app = await TestApplication.Start("app");
        _redis = await RedisServer.Start();
        await _redis.Command("CONFIG", "SET", "rdbcompression", "no");
        await _redis.Command("CONFIG", "SET", "requirepass", Redis);
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        _secrets.Add("the silos' secret", secret);
        _silo = await SiloProcess.Ready(new SiloSettings
        {
            DataDirectory = _siloData.Path,
            LogDirectory = _logs.Path,
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
        _logs.Dispose();
        _siloData.Dispose();
        _proxyData.Dispose();
    }

    [Fact]
    public async Task No_secret_is_told_anywhere()
    {
        var admin = (await File.ReadAllTextAsync(Path.Combine(_siloData.Path, "admin.token"), TestContext.Current.CancellationToken)).Trim();
        _secrets.Add(Admin, admin);
        _silo.Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);
        await Make("/v1/tokens", new { name = "ci", role = "editor", namespaces = new[] { "shop" } }, "an API token");
        var join = await Make("/v1/identity/tokens", new { service = "shop/web" }, "a join token");
        await BeginSession();

        await using var proxy = await StartProxy(join);
        await proxy.Reaches("web.shop", "app", MeshProcess.StartDeadline);
        await PlantKeys(proxy);
        using var tap = await proxy.Admin.GetAsync("/tap?headers=true&for=3s", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await CallWithSecrets(proxy);
        await Explain(proxy);
        await Fail(proxy);
        var seen = await tap.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("<redacted>", seen, StringComparison.Ordinal);
        _secrets.Search("/tap", seen);

        await _secrets.Search(_silo.Api, "/v1/services", "/v1/services/shop/web", "/v1/services/shop/web/revisions", "/v1/export", "/v1/audit", "/v1/audit?refused=true",
            "/v1/tokens", "/v1/identity/tokens", "/v1/identity/bundle", "/v1/gateways", "/v1/proxies", "/v1/regions", "/v1/session", "/metrics", "/openapi/v1.json");
        await _secrets.Search(proxy.Admin, "/snapshots", "/endpoints", "/metrics", "/identity", "/readyz");
        await RefuseTokensOfCallers(proxy);
        await StartWithAWrongPassword();
        _secrets.SearchCommandLines();

        _secrets.SearchFiles(_logs.Path, static _ => []);
        _secrets.SearchFiles(_siloData.Path, static file => file == "admin.token" ? [Admin] : file.StartsWith("keys", StringComparison.Ordinal) ? [Encryption] : []);
        _secrets.SearchFiles(_proxyData.Path, static file => file == Path.Combine("identity", "identity.json") ? [ProxyKey] : []);

        // Tokens in the store are digests, keys are encrypted; the rest of it is no secret at all.
        var dump = await StoredSecrets.Dump(_redis, Redis);
        Assert.True(dump.AsSpan().IndexOf("api-tokens"u8) >= 0);
        _secrets.Search("the store", dump);
    }

    private async Task<ProxyProcess> StartProxy(string join)
    {
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "join"), join);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _secrets.Add("the token of the proxy's admin port", token);
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "admin"), token);
        var proxy = await ProxyProcess.Ready(new ProxySettings
        {
            ControlPlane = _silo.Url,
            DataDirectory = _proxyData.Path,
            LogDirectory = _logs.Path,
            Service = "shop/web",
            AppPort = _app.Port,
            More = new Dictionary<string, string>
            {
                ["Mesh:Identity:TokenFile"] = Path.Combine(_files.Path, "join"),
                ["Mesh:Admin:TokenFile"] = Path.Combine(_files.Path, "admin"),
            },
        });
        proxy.Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return proxy;
    }

    /// <summary>Nobody wrote these; what they are is read from where they may be.</summary>
    private async Task PlantKeys(ProxyProcess proxy)
    {
        await Eventually.Holds("the proxy has its certificate", async () => (await proxy.Admin.Read("/identity")).TryGetProperty("serialNumber", out _));
        var file = await Eventually.Yields("the proxy keeps its key", async () =>
            JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_proxyData.Path, "identity", "identity.json"))));
        using var key = ECDsa.Create();
        key.ImportFromPem(file.RootElement.GetProperty("key").GetString());
        _secrets.Add(ProxyKey, key.ExportParameters(includePrivateParameters: true).D!);

        var keys = Path.Combine(_siloData.Path, "keys");
        var (authority, _) = await StoredSecrets.Decrypt(_redis, keys, Redis);
        _secrets.Add("the authority's private key", authority);
        var encryption = StoredSecrets.EncryptionKeys(keys).ToList();
        Assert.NotEmpty(encryption);
        encryption.ForEach(one => _secrets.Add(Encryption, one));
    }

    private async Task BeginSession()
    {
        using var answer = await _silo.Api.PostAsync(new Uri("/v1/session", UriKind.Relative), null);
        Assert.True(answer.IsSuccessStatusCode, $"a session: {answer.StatusCode}");
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        _secrets.Search("a session", cookie);
        _secrets.Add("a session's cookie", cookie.Split('=', 2)[1].Split(';')[0]);
    }

    private static async Task CallWithSecrets(ProxyProcess proxy)
    {
        for (var i = 0; i < 5; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/page?secret={Query}") { Headers = { Host = i == 4 ? "nobody.shop" : "web.shop" } };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Bearer}");
            request.Headers.TryAddWithoutValidation("Cookie", $"session={Cookie}");
            using var answer = await proxy.Outbound.SendAsync(request);
        }
    }

    /// <summary>With rules that look at what is secret, so that there is something to say about it.</summary>
    private async Task Explain(ProxyProcess proxy)
    {
        await _silo.Api.Write("/v1/services/shop/web/routes/secret", """
            { "name": "secret", "matches": [
                { "headers": [{ "name": "authorization", "value": "Bearer another" }] },
                { "headers": [{ "name": "cookie", "type": "RegularExpression", "value": "x=.*" }] },
                { "queryParams": [{ "name": "secret", "value": "another" }] }],
              "backendRefs": [{ "name": "web" }] }
            """);
        var request = new
        {
            authority = "web.shop",
            path = $"/page?secret={Query}",
            headers = new { authorization = $"Bearer {Bearer}", cookie = $"session={Cookie}" },
        };
        foreach (var (client, path) in ((HttpClient, string)[])[(proxy.Admin, "/explain"), (_silo.Api, "/v1/explain")])
        {
            await Eventually.Holds($"{path} explains the rule", async () =>
            {
                using var answer = await client.PostAsJsonAsync(path, request);
                await _secrets.Search(path, answer);
                return (await answer.Content.ReadAsStringAsync()).Contains("the header authorization is not", StringComparison.Ordinal);
            });
        }
    }

    /// <summary>Everything that has a secret in it and is refused.</summary>
    private async Task Fail(ProxyProcess proxy)
    {
        foreach (var (client, path) in ((HttpClient, string)[])[(_silo.Api, "/v1/services"), (proxy.Admin, "/snapshots")])
        {
            foreach (var authorization in WrongTokens())
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?access_token={Wrong}");
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
                request.Headers.TryAddWithoutValidation("Cookie", $"mesh-session={Wrong}");
                using var answer = await client.SendAsync(request);
                Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, $"{path}, {authorization}: {answer.StatusCode}");
                await _secrets.Search($"an answer of {path} to a wrong token", answer);
            }
        }

        var token = $"mesh-join.0123456789abcdef.{Wrong}";
        foreach (var body in (string[])
            [
                JsonSerializer.Serialize(new { csr = "nothing", token }),
                JsonSerializer.Serialize(new { csr = Wrong, token = Wrong }),
                JsonSerializer.Serialize(new { csr = "nothing", token = new[] { token } }),
                JsonSerializer.Serialize(new { csr = "nothing", token = "", serviceAccountToken = token }),
                $$"""{ "token": "{{token}}", """,
                $$"""{ "token": "{{token}}\q" }""",
                $$"""{ "token": {{token}} }""",
            ])
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var refused = await _silo.Api.PostAsync(new Uri("/v1/identity/certificates", UriKind.Relative), content);
            Assert.False(refused.IsSuccessStatusCode);
            await _secrets.Search($"an answer to {body.Replace(Wrong, "...", StringComparison.Ordinal)}", refused);
        }
    }

    private static string[] WrongTokens() =>
    [
        $"Bearer {Wrong}",
        $"Bearer  {Wrong} and more",
        $"Bearer mesh-api.0123456789abcdef.{Wrong}",
        $"Bearer eyJhbGciOiJSUzI1NiJ9.{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($$"""{"sub":"{{Wrong}}"}""")).TrimEnd('=')}.{Wrong}",
        $"Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"admin:{Wrong}"))}",
        Wrong,
    ];

    /// <summary>Last, since calls are then answered 401 by the proxy beside the application.</summary>
    private async Task RefuseTokensOfCallers(ProxyProcess proxy)
    {
        await _silo.Api.Write("/v1/services/shop/web", """
            { "access": { "default": "allow", "jwt": [{ "issuer": "https://login.example", "jwks": "http://127.0.0.1:9/keys" }] } }
            """);
        foreach (var authorization in WrongTokens().Where(static one => one.StartsWith("Bearer", StringComparison.Ordinal)))
        {
            await Eventually.Holds("the proxy refuses a token", async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "web.shop" } };
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
                using var answer = await proxy.Inbound.SendAsync(request);
                await _secrets.Search("an answer to a caller's wrong token", answer);
                return answer.StatusCode == HttpStatusCode.Unauthorized;
            });
        }

        await _secrets.Search(proxy.Admin, "/snapshots", "/metrics");
    }

    private async Task StartWithAWrongPassword()
    {
        await using var silo = SiloProcess.Launch(new SiloSettings
        {
            Name = "refused",
            LogDirectory = _logs.Path,
            Environment = new Dictionary<string, string?> { ["Mesh__Redis"] = $"{_redis.ConnectionString},password={Wrong}" },
        });
        await Eventually.Holds(
            "a silo with a wrong password gives up",
            () =>
            {
                _secrets.SearchCommandLines();
                return silo.Process.HasExited;
            },
            TimeSpan.FromSeconds(60));
        Assert.Contains("Mesh:Redis", string.Join('\n', silo.Process.Output()), StringComparison.Ordinal);
    }

    private async Task<string> Make(string path, object body, string what)
    {
        using var answer = await _silo.Api.PostAsJsonAsync(path, body);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        _secrets.Add(what, token.Split('.')[2]);
        return token;
    }
}
