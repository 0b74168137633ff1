using System.Net;
using System.Text;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Proxy.Tests.Admin;

public sealed class DrainPageTests : IAsyncLifetime
{
    private const string Token = "0123456789abcdef0123456789abcdef";
    private static readonly (string Name, string Value) Right = ("Authorization", $"Bearer {Token}");

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
    public async Task It_is_answered_and_then_the_proxy_is_told_to_stop()
    {
        await StartAsync(Token);
        using var answer = await SendAsync(HttpMethod.Post, Right);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("""{"state":"Draining"}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await Eventually.Holds("the proxy is told to stop", () => _proxy!.Stopping.IsCancellationRequested);

        // Nothing waits for the end here, so the pages are still there.
        using var again = await SendAsync(HttpMethod.Post, Right);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Theory]
    [InlineData("/drain")]
    [InlineData("/DRAIN")]
    public async Task Without_a_token_file_nobody_may_not_even_on_loopback(string path)
    {
        await StartAsync(null);
        using var answer = await SendAsync(HttpMethod.Post, path, Right);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("Mesh:Admin:TokenFile", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(_proxy!.Stopping.IsCancellationRequested);
    }

    [Fact]
    public async Task Who_has_not_the_token_may_not_and_who_guesses_is_slowed()
    {
        await StartAsync(Token);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOf(HttpMethod.Post));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusOf(HttpMethod.Post, ("Authorization", "Bearer guess")));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusOf(HttpMethod.Post, ("Authorization", "Bearer guess")));
        Assert.False(_proxy!.Stopping.IsCancellationRequested);
    }

    [Fact]
    public async Task No_web_page_of_another_origin_may_not_even_with_the_token()
    {
        await StartAsync(Token);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOf(HttpMethod.Post, Right, ("Origin", "http://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOf(HttpMethod.Post, Right, ("Origin", "null")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOf(HttpMethod.Post, Right, ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOf(HttpMethod.Post, Right, ("Sec-Fetch-Site", "same-site")));

        // What a browser asks first is given no permission.
        using var preflight = await SendAsync(HttpMethod.Options, ("Origin", "http://evil.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization"));
        Assert.Equal(HttpStatusCode.Forbidden, preflight.StatusCode);
        Assert.DoesNotContain(preflight.Headers, static header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        Assert.False(_proxy!.Stopping.IsCancellationRequested);
    }

    [Fact]
    public async Task It_is_not_for_reading()
    {
        await StartAsync(Token);
        using var answer = await SendAsync(HttpMethod.Get, Right);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
        Assert.False(_proxy!.Stopping.IsCancellationRequested);
    }

    private async Task StartAsync(string? token)
    {
        await File.WriteAllTextAsync(TokenFile, token ?? "", Encoding.ASCII);
        _proxy = await ProxyHost.StartAsync(configure: options => options with { AdminTokenFile = token is null ? null : TokenFile });
    }

    private async Task<HttpStatusCode> StatusOf(HttpMethod method, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(method, headers);
        return answer.StatusCode;
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, params (string Name, string Value)[] headers) => SendAsync(method, "/drain", headers);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var address = new Uri(_proxy!.Addresses.Admin, path);
        using var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _proxy.Http1.SendAsync(request);
    }
}
