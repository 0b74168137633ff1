using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Mesh.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Silo.Tests.Api;

/// <summary>Bodies and paths that want to cost much, or to be something else than they are. Each gets an answer, soon.</summary>
public class HostileBodyTests(ApiHost api) : IClassFixture<ApiHost>
{
    /// <summary>What any of these may take, on a machine that is busy with other tests.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate, gzip")]
    [InlineData("identity")]
    public async Task A_compression_bomb_is_refused_unopened(string encoding)
    {
        using var bomb = new MemoryStream();
        await using (var zip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await zip.WriteAsync(new byte[64 << 20]);
        }

        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Put, "/v1/services/h/web"), (HttpMethod.Post, "/v1/apply")])
        {
            using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(bomb.ToArray()) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
            using var answer = await api.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        }
    }

    public static TheoryData<string, string> Bodies => new()
    {
        { "nested lists", new string('[', 500_000) },
        { "nested objects", string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) },
        { "the same key over and over", $"{{{string.Join(',', Enumerable.Repeat("\"a\":1", 150_000))}}}" },
        { "other keys", $"{{{string.Join(',', Enumerable.Range(0, 80_000).Select(static i => $"\"k{i}\":1"))}}}" },
        { "a number without end", $"{{\"ports\":[{new string('9', 900_000)}]}}" },
        { "an exponent", "{\"ports\":[1e999999999]}" },
        { "a name without end", $"{{\"{new string('a', 900_000)}\":1}}" },
        { "hosts", $"{{\"hosts\":[{string.Join(',', Enumerable.Repeat("\"a\"", 200_000))}]}}" },
        { "rules", $"{{\"routes\":[{string.Join(',', Enumerable.Repeat("{}", 200_000))}]}}" },
        { "a pattern that counts", Pattern("(((a{1000}){1000}){1000}){1000}") },
        { "a pattern of patterns", Pattern(string.Concat(Enumerable.Repeat("(a|", 2000))) },
        { "a pattern without end", Pattern(new string('a', 900_000)) },
        { "a pattern of classes", Pattern(string.Concat(Enumerable.Repeat("[^", 2000))) },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task JSON_made_to_explode_is_refused_soon_and_small(string what, string body)
    {
        foreach (var path in (string[])["/v1/services/h/web", "/v1/apply"])
        {
            var started = Stopwatch.GetTimestamp();
            var answer = await api.Send(path.EndsWith("apply", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Put, path, body);

            Assert.True(answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge, $"{what}: {answer.Status}");
            Assert.InRange(answer.Text.Length, 1, 100_000);
            Assert.True(Stopwatch.GetElapsedTime(started) < Soon, what);
        }
    }

    [Theory]
    [InlineData("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n")]
    [InlineData("a: &a\n  <<: *a\n")]
    [InlineData("&a [*a]")]
    [InlineData("!!python/object/apply:os.system [ls]")]
    [InlineData("%TAG ! tag:x,2000:\n---\n!y z")]
    public async Task YAML_that_stands_for_more_than_it_is_is_refused(string body)
    {
        var answer = await api.Post("/v1/apply", body, ("Content-Type", "application/yaml"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
    }

    public static TheoryData<string, string> YamlBodies => new()
    {
        { "nested lists", new string('[', 200_000) },
        { "nested objects", string.Concat(Enumerable.Repeat("{a: ", 100_000)) },
        { "nested dashes", string.Concat(Enumerable.Repeat("- ", 100_000)) },
        { "indentation", string.Concat(Enumerable.Range(0, 1000).Select(static i => $"{new string(' ', i)}a:\n")) },
        { "documents", string.Concat(Enumerable.Repeat("---\n", 200_000)) },
        { "questions", string.Concat(Enumerable.Repeat("? ", 100_000)) },
        { "a key without end", new string('a', 1_000_000) },
        { "quotes", $"\"{string.Concat(Enumerable.Repeat("\\x41", 200_000))}" },
        { "comments", string.Concat(Enumerable.Repeat("#\n", 500_000)) },
    };

    [Theory]
    [MemberData(nameof(YamlBodies))]
    public async Task YAML_made_to_explode_is_answered_soon(string what, string body)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await api.Post("/v1/apply?dryRun=true", body, ("Content-Type", "application/yaml"));

        Assert.True((int)answer.Status < 500, $"{what}: {answer.Text}");
        Assert.InRange(answer.Text.Length, 1, 100_000);
        Assert.True(Stopwatch.GetElapsedTime(started) < Soon, what);
    }

    /// <summary>Letter by letter, since clients resolve dots.</summary>
    [Theory]
    [InlineData("/v1/services/..%2f..%2fetc/passwd")]
    [InlineData("/v1/services/%2e%2e/web")]
    [InlineData("/v1/services/shop/..%5c..%5cx")]
    [InlineData("/v1/services/shop/web%00")]
    [InlineData("/v1/services/shop/web%0d%0ax")]
    [InlineData("/v1/services/shop/%ef%bc%b7eb")]
    [InlineData("/v1/services/shop/web%e2%80%ae")]
    [InlineData("/v1/services/shop/%25%32%65")]
    [InlineData("/v1/services/shop/*")]
    [InlineData("/v1/services/shop/web/routes/..%2f..")]
    [InlineData("/v1/services/shop/web/endpoints/..%2f..")]
    [InlineData("/v1/services/shop/web/endpoints/a%00")]
    [InlineData("/v1/namespaces/..%2fx")]
    [InlineData("/v1/namespaces/%c0%af")]
    [InlineData("/docs/../../../etc/passwd")]
    public async Task A_name_is_no_path(string path)
    {
        foreach (var method in (string[])["GET", "PUT", "DELETE"])
        {
            var body = method == "PUT" ? "{}" : "";
            var answer = await Raw($"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            Assert.Matches("^HTTP/1.1 (400|404|405)", answer);
            Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("passwd", (await api.Get("/v1/export")).Text, StringComparison.Ordinal);
    }

    /// <summary>So that what is asked for, what is allowed and what is done are the same.</summary>
    [Fact]
    public async Task Dots_are_resolved_before_anything_looks()
    {
        var answer = await Raw("PUT /v1/services/shop/web/%2e%2e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        answer = await Raw("GET /v1/namespaces/shop/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 40", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_off()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, api.Client.BaseAddress!.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync("PUT /v1/services/h/web HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string(' ', 0x10000)}\r\n");
        var sent = 0L;
        using var limit = new CancellationTokenSource(Soon);
        try
        {
            while (true)
            {
                await stream.WriteAsync(chunk, limit.Token);
                sent += chunk.Length;
            }
        }
        catch (IOException)
        {
            Assert.InRange(sent, 1 << 20, 128 << 20);
        }
    }

    /// <summary>Kestrel ends what is slower: nobody may switch that off.</summary>
    [Fact]
    public void Slow_heads_and_bodies_have_limits()
    {
        var limits = api.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.InRange(limits.RequestHeadersTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        Assert.InRange(limits.MinRequestBodyDataRate!.BytesPerSecond, 100, double.MaxValue);
        Assert.InRange(limits.MinResponseDataRate!.BytesPerSecond, 100, double.MaxValue);
        Assert.InRange(limits.Http2.MaxStreamsPerConnection, 1, 100);
    }

    private static string Pattern(string pattern) => 
        $$$"""{"routes":[{"name":"a","matches":[{"path":{"type":"RegularExpression","value":"{{{pattern}}}"}}]}]}""";

    private async Task<string> Raw(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, api.Client.BaseAddress!.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(Eventually.Deadline, TimeProvider.System);
    }
}
