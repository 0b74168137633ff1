using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing.Processes;

namespace Mesh.Proxy.Tests.Admin;

public sealed class AdminGuardTests : IAsyncLifetime
{
    private const string Token = "0123456789abcdef0123456789abcdef";
    private static readonly string[] Pages = ["/snapshots", "/endpoints", "/identity", "/tap", "/explain", "/nothing"];

    private readonly TemporaryDirectory _files = new();
    private ProxyHost? _proxy;

    private string TokenFile => Path.Combine(_files.Path, "token");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        _files.Dispose();
    }

    [Fact]
    public async Task With_a_token_only_probes_and_metrics_are_open()
    {
        await StartAsync(Token);
        foreach (var page in (string[])["/healthz", "/readyz", "/metrics"])
        {
            Assert.Equal(HttpStatusCode.OK, (await Get(page)).StatusCode);
        }

        foreach (var page in Pages)
        {
            using var refused = await Get(page);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        }

        Assert.Equal(HttpStatusCode.OK, (await Get("/snapshots", ("Authorization", $"bearer {Token}"))).StatusCode);
        using var wrong = await Get("/snapshots", ("Authorization", $"Bearer {Token}x"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("Bearer error=\"invalid_token\"", wrong.Headers.WwwAuthenticate.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await Get("/snapshots", ("Authorization", $"Basic {Token}"))).StatusCode);
    }

    [Fact]
    public async Task Who_guesses_is_slowed_and_the_right_token_still_works()
    {
        await StartAsync(Token);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await Get("/snapshots", ("Authorization", "Bearer guess"))).StatusCode);
        }

        using var slowed = await Get("/snapshots", ("Authorization", "Bearer guess"));
        Assert.Equal(HttpStatusCode.TooManyRequests, slowed.StatusCode);
        Assert.InRange(slowed.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Get("/snapshots")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Get("/snapshots", ("Authorization", $"Bearer {Token}"))).StatusCode);
    }

    [Fact]
    public async Task Who_guesses_slows_nobody_at_another_address()
    {
        await StartAsync(Token);
        for (var i = 0; i < 11; i++)
        {
            await Get("/snapshots", ("Authorization", "Bearer guess"));
        }

        using var elsewhere = From(IPAddress.Parse("127.0.0.2"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_proxy!.Addresses.Admin, "/snapshots"));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer guess");
        using var answer = await elsewhere.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Get("/snapshots", ("Authorization", "Bearer guess"))).StatusCode);
    }

    [Fact]
    public async Task A_token_that_others_can_read_is_named_at_the_start_with_how_to_mend_it()
    {
        await StartAsync(Token, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Equal(
            $"Others than its owner can read the token in {TokenFile} (Mesh:Admin:TokenFile), and use it: chmod 600 {TokenFile}",
            Assert.Single(_proxy!.Logs.Messages));
    }

    [Fact]
    public async Task A_token_that_only_its_owner_can_read_is_nothing_to_talk_about()
    {
        await StartAsync(Token);

        Assert.Empty(_proxy!.Logs.Messages);
    }

    [Fact]
    public async Task On_loopback_without_a_token_no_web_page_gets_in()
    {
        await StartAsync(null);
        Assert.Equal(HttpStatusCode.OK, (await Get("/snapshots")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Get("/snapshots", ("Sec-Fetch-Site", "same-origin"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Get("/snapshots", ("Sec-Fetch-Site", "cross-site"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Get("/snapshots", ("Origin", "http://evil.example"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Get("/snapshots", ("Host", "rebound.example"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Get("/healthz", ("Host", "rebound.example"))).StatusCode);
    }

    [Fact]
    public async Task A_file_that_holds_no_token_is_named_at_the_start()
    {
        var exception = await Assert.ThrowsAsync<ListenerException>(() => StartAsync("short"));
        Assert.Contains("Mesh:Admin:TokenFile", exception.Message, StringComparison.Ordinal);
    }

    private static HttpClient From(IPAddress address) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private async Task StartAsync(string? token, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        await File.WriteAllTextAsync(TokenFile, token ?? "", Encoding.ASCII);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(TokenFile, mode);
        }

        _proxy = await ProxyHost.StartAsync(configure: options => options with { AdminTokenFile = token is null ? null : TokenFile });
    }

    private async Task<HttpResponseMessage> Get(string page, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_proxy!.Addresses.Admin, page));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _proxy.Http1.SendAsync(request);
    }
}
