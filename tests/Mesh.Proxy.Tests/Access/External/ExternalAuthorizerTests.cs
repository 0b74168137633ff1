using System.Net;
using Mesh.Abstractions.Access;
using Mesh.Proxy.Access.External;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Tests.Access.External;

public sealed class ExternalAuthorizerTests : IAsyncLifetime
{
    private readonly ExternalAuthorizer _authorizer = new(TimeProvider.System);
    private RequestDelegate _answer = static _ => Task.CompletedTask;
    private Upstream _server = null!;
    private ExternalAuthorization _settings = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await Upstream.StartAsync(context => _answer(context), port: FreePort.Next());
        _settings = new() { Url = $"http://127.0.0.1:{_server.Port}/check", Timeout = TimeSpan.FromSeconds(10), ResponseHeaders = ["x-user", "x-groups"] };
    }

    public async ValueTask DisposeAsync()
    {
        _authorizer.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_question_has_the_requests_headers_and_where_it_goes()
    {
        var seen = new TaskCompletionSource<(string Method, string Path, Dictionary<string, string> Headers)>();
        _answer = context =>
        {
            var headers = context.Request.Headers.ToDictionary(static header => header.Key.ToLowerInvariant(), static header => header.Value.ToString());
            seen.TrySetResult((context.Request.Method, context.Request.Path, headers));
            return Task.CompletedTask;
        };
        var context = Request();
        var headers = context.Request.Headers;
        headers["cookie"] = "a=b";
        headers["content-length"] = "5";
        headers["te"] = "trailers";
        headers["x-forwarded-method"] = "GET";
        headers["x-forwarded-client-cert"] = "URI=forged";

        Assert.Equal(ExternalOutcome.Allowed, (await AskAsync(context, "URI=spiffe://mesh/ns/shop/svc/cart")).Outcome);

        var (method, path, sent) = await seen.Task;
        Assert.Equal(("GET", "/check"), (method, path));
        Assert.Equal("a=b", sent["cookie"]);
        Assert.Equal("POST", sent["x-forwarded-method"]);
        Assert.Equal("https", sent["x-forwarded-proto"]);
        Assert.Equal("shop.example", sent["x-forwarded-host"]);
        Assert.Equal("/orders%2F1?x=1", sent["x-forwarded-uri"]);
        Assert.Equal("10.1.2.3", sent["x-forwarded-for"]);
        Assert.Equal("URI=spiffe://mesh/ns/shop/svc/cart", sent["x-forwarded-client-cert"]);
        Assert.DoesNotContain(sent.Keys, static name => name is "content-length" or "te" or "transfer-encoding");
    }

    [Fact]
    public async Task A_caller_cannot_smuggle_what_the_server_is_believed_to_say()
    {
        _answer = static context =>
        {
            context.Response.Headers["x-user"] = "ann";
            return Task.CompletedTask;
        };
        var context = Request();
        context.Request.Headers["X-User"] = "root";
        context.Request.Headers["X-Groups"] = "admins";
        context.Request.Headers["x-other"] = "stays";

        Assert.Equal(ExternalOutcome.Allowed, (await AskAsync(context)).Outcome);

        Assert.Equal("ann", context.Request.Headers["x-user"]);
        Assert.False(context.Request.Headers.ContainsKey("x-groups"));
        Assert.Equal("stays", context.Request.Headers["x-other"]);
    }

    /// <summary>In audit mode it goes on to the application.</summary>
    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task A_refused_request_keeps_no_header_that_only_the_server_may_set(int status)
    {
        _answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["x-user"] = "ann";
            return Task.CompletedTask;
        };
        _settings = _settings with { ResponseHeaders = ["x-user"] };
        var context = Request();
        context.Request.Headers["X-User"] = "root";

        Assert.NotEqual(ExternalOutcome.Allowed, (await AskAsync(context)).Outcome);

        Assert.False(context.Request.Headers.ContainsKey("x-user"));
    }

    [Theory]
    [InlineData(204, nameof(ExternalOutcome.Allowed))]
    [InlineData(302, nameof(ExternalOutcome.Denied))]
    [InlineData(403, nameof(ExternalOutcome.Denied))]
    [InlineData(404, nameof(ExternalOutcome.Denied))]
    [InlineData(401, nameof(ExternalOutcome.Unauthenticated))]
    [InlineData(500, nameof(ExternalOutcome.Unavailable))]
    public async Task The_answers_status_decides(int status, string outcome)
    {
        _answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"shop\"";
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };

        var answer = await AskAsync(Request());

        Assert.Equal(outcome, answer.Outcome.ToString());
        Assert.Equal(status == 401 ? "Bearer realm=\"shop\"" : "", answer.Challenge.ToString());
    }

    [Fact]
    public async Task No_answer_in_time_is_unavailable_or_let_in_without_smuggled_headers()
    {
        _answer = static context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        _settings = _settings with { Timeout = TimeSpan.FromMilliseconds(50) };
        Assert.Equal(ExternalOutcome.Unavailable, (await AskAsync(Request())).Outcome);
        Assert.Equal(0, _authorizer.LetInUnasked);

        _settings = _settings with { FailOpen = true };
        var context = Request();
        context.Request.Headers["x-user"] = "root";
        Assert.Equal(ExternalOutcome.AllowedUnasked, (await AskAsync(context)).Outcome);
        Assert.Equal(1, _authorizer.LetInUnasked);
        Assert.False(context.Request.Headers.ContainsKey("x-user"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        _settings = _settings with { Url = $"http://127.0.0.1:{FreePort.Next()}/" };
        Assert.Equal(ExternalOutcome.Unavailable, (await AskAsync(Request())).Outcome);
    }

    [Fact]
    public async Task Too_large_headers_are_unavailable()
    {
        _answer = static context =>
        {
            context.Response.Headers["x-user"] = new string('a', 70_000);
            return Task.CompletedTask;
        };
        Assert.Equal(ExternalOutcome.Unavailable, (await AskAsync(Request())).Outcome);
    }

    [Fact]
    public async Task Questions_beyond_the_limit_are_not_asked()
    {
        var gate = new TaskCompletionSource();
        _answer = _ => gate.Task;
        var open = Enumerable.Range(0, ExternalAuthorizer.MaxInFlight).Select(_ => AskAsync(Request()).AsTask()).ToArray();

        var beyond = await AskAsync(Request());

        Assert.Equal(ExternalOutcome.Unavailable, beyond.Outcome);
        Assert.Contains("too many", beyond.Reason, StringComparison.Ordinal);
        gate.SetResult();
        await Task.WhenAll(open);
        Assert.Equal(ExternalOutcome.Allowed, (await AskAsync(Request())).Outcome);
    }

    private static DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.Scheme = "https";
        context.Request.Host = new HostString("shop.example");
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/orders%2F1?x=1";
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.1.2.3");
        return context;
    }

    private ValueTask<ExternalAnswer> AskAsync(HttpContext context, string? certificate = null) =>
        _authorizer.AskAsync(_settings, context, certificate, TestContext.Current.CancellationToken);
}
