using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tests.Access.Tokens;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Mesh.Testing.Identity;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Access;

/// <summary>Two proxies with an application behind the second, over real sockets.</summary>
public sealed class AccessGuardTests : IAsyncLifetime
{
    private static readonly TimeProvider Time = TimeProvider.System;
    private static readonly AccessRule AllowCaller = new() { Name = "caller", Action = AccessAction.Allow, From = new AccessSource { Identities = [ProxyPair.Caller] } };
    private static readonly AccessRule DenyCaller = AllowCaller with { Action = AccessAction.Deny };

    private Upstream _app = null!;
    private ProxyPair _pair = null!;

    private ProxyHost From => _pair.From;

    private ProxyHost To => _pair.To;

    public async ValueTask InitializeAsync()
    {
        _app = await Upstream.StartAsync(
            app =>
            {
                app.UseWebSockets();
                app.Run(static context => context.WebSockets.IsWebSocketRequest ? WebSocketEcho.ServeAsync(context) : context.Response.WriteAsync("hello"));
            },
            ServiceProtocol.Http);
        _pair = await ProxyPair.StartAsync(App());
    }

    public async ValueTask DisposeAsync()
    {
        await _pair.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_not_allowed_is_refused_told_why_and_counted()
    {
        Serve(new AccessPolicy { Rules = [AllowCaller] });
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);

        _pair.Hold(_pair.Calling, "shop/other");
        Serve(new AccessPolicy { Rules = [AllowCaller] });
        using var refused = await Plain();
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("forbidden", refused.Headers.GetValues("mesh-error").Single());
        var text = await refused.Content.ReadAsStringAsync();
        Assert.Contains("a caller without an identity at 127.0.0.1, GET / may not call shop/web", text, StringComparison.Ordinal);
        Assert.Contains("there are allow rules", text, StringComparison.Ordinal);
        var metrics = await To.AdminAsync("/metrics");
        Assert.Contains("mesh_access_decisions_total{decision=\"allowed\",rule=\"\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_access_decisions_total{decision=\"denied\",rule=\"\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_applies_to_the_next_request_of_a_connection()
    {
        Serve(null);
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
        Serve(new AccessPolicy { Rules = [DenyCaller] });
        Assert.Equal(HttpStatusCode.Forbidden, (await Get()).Status);
        Serve(null);
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
    }

    [Fact]
    public async Task No_spelling_of_a_path_slips_past_a_rule()
    {
        Serve(new AccessPolicy { Rules = [new AccessRule { Name = "admin", Action = AccessAction.Deny, To = new AccessTarget { Paths = [new PathMatch { Value = "/admin" }] } }] });
        Assert.Equal(HttpStatusCode.OK, (await Get("/public")).Status);
        foreach (var path in (string[])["/admin", "/admin/x", "//admin", "/public/..%2fadmin", "/public%2f..%2fadmin", "/%61dmin", "/public/./../admin", "/public\\..\\admin"])
        {
            // Some are no requests to begin with.
            Assert.Contains(await Raw(path), (string[])["403", "400"]);
        }
    }

    /// <summary>Dots that appear only to who decodes twice lead out of what a rule names, or into it.</summary>
    [Fact]
    public async Task A_path_with_several_readings_is_refused_for_any_and_allowed_for_all()
    {
        const string Both = "/admin/%252e%252e/public";
        Serve(new AccessPolicy { Rules = [new AccessRule { Name = "admin", Action = AccessAction.Deny, To = new AccessTarget { Paths = [new PathMatch { Value = "/admin" }] } }] });
        Assert.Equal("403", await Raw(Both));

        Serve(new AccessPolicy { Rules = [new AccessRule { Name = "public", Action = AccessAction.Allow, To = new AccessTarget { Paths = [new PathMatch { Value = "/public" }] } }] });
        Assert.Equal("200", await Raw("/public/x%20y"));
        Assert.Equal("403", await Raw(Both));
    }

    [Fact]
    public async Task A_WebSocket_over_HTTP2_is_a_GET_to_rules_as_over_HTTP1()
    {
        Serve(new AccessPolicy { Rules = [new AccessRule { Name = "reads", Action = AccessAction.Deny, To = new AccessTarget { Methods = ["GET"] } }] });
        using var socket = new ClientWebSocket();
        using var client = new HttpMessageInvoker(new SocketsHttpHandler());
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        await Assert.ThrowsAnyAsync<WebSocketException>(() =>
            socket.ConnectAsync(new UriBuilder(To.Addresses.Inbound!) { Scheme = "ws" }.Uri, client, TestContext.Current.CancellationToken));

        Assert.Contains("mesh_access_decisions_total{decision=\"denied\",rule=\"reads\"} 1", await To.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_lets_in_counts_and_logs()
    {
        Serve(new AccessPolicy { Audit = true, Rules = [DenyCaller] });
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
        Assert.Contains("mesh_access_decisions_total{decision=\"audited\",rule=\"caller\"} 1", await To.AdminAsync("/metrics"), StringComparison.Ordinal);
        Assert.Contains(To.Logs.Messages, static message => message.Contains("Would refuse", StringComparison.Ordinal) && message.Contains(ProxyPair.Caller, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_namespace_has_the_default()
    {
        Serve(null);
        To.Serve(NamespaceSettings.Of("shop").ToString(), new ServiceSpec { NamespaceSettings = new NamespaceSettings { AccessDefault = AccessDefault.Authenticated } });
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
        using (var refused = await Plain())
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Contains("accessDefault of the namespace", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        To.Serve(NamespaceSettings.Of("shop").ToString(), new ServiceSpec { NamespaceSettings = new NamespaceSettings { AccessDefault = AccessDefault.Deny } });
        Assert.Equal(HttpStatusCode.Forbidden, (await Get()).Status);
    }

    [Fact]
    public async Task The_callers_proxy_explains_what_would_happen()
    {
        Serve(new AccessPolicy { Rules = [AllowCaller, new AccessRule { Name = "writes", Action = AccessAction.Deny, To = new AccessTarget { Methods = ["POST"] } }] });
        var allowed = await Explain("GET");
        Assert.Equal(("allow", ProxyPair.Caller, "caller", null), (allowed!.Decision, allowed.Caller, allowed.Rule, allowed.Reason));
        var refused = await Explain("POST");
        Assert.Equal(("deny", "writes"), (refused!.Decision, refused.Rule));
        Assert.Contains("'writes'", refused.Reason, StringComparison.Ordinal);

        Serve(null);
        Assert.Null(await Explain("GET"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_under_way_ends_when_it_is_no_longer_allowed(bool isByNamespace)
    {
        Serve(null);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        await socket.ConnectAsync(new UriBuilder(From.Addresses.Outbound) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var answer = new byte[64];
        await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);

        if (isByNamespace)
        {
            To.Serve(NamespaceSettings.Of("shop").ToString(), new ServiceSpec { NamespaceSettings = new NamespaceSettings { AccessDefault = AccessDefault.Deny } });
        }
        else
        {
            Serve(new AccessPolicy { Rules = [DenyCaller] });
        }

        await Assert.ThrowsAnyAsync<WebSocketException>(() => socket.ReceiveAsync(answer, TestContext.Current.CancellationToken).WaitAsync(Eventually.Deadline, Time));
        Assert.Contains("mesh_access_ended_total 1", await To.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_under_way_in_plaintext_ends_when_the_service_becomes_strict()
    {
        Serve(null);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        await socket.ConnectAsync(new UriBuilder(To.Addresses.Inbound!) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);

        _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict });

        await Assert.ThrowsAnyAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[64], TestContext.Current.CancellationToken).WaitAsync(Eventually.Deadline, Time));
    }

    [Fact]
    public async Task The_first_plaintext_request_of_a_strict_service_waits_for_its_policy_and_is_refused()
    {
        To.Source.Answer("web.shop", () =>
        {
            _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict });
            return ServiceLookup.Found(To.Table.GetOrAdd(ServiceName.Parse("shop/web")));
        });

        using var refused = await Plain();

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task What_is_still_allowed_goes_on()
    {
        Serve(null);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        await socket.ConnectAsync(new UriBuilder(From.Addresses.Outbound) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        using var other = new ClientWebSocket();
        other.Options.SetRequestHeader("Host", "web");
        await other.ConnectAsync(new UriBuilder(To.Addresses.Inbound!) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);

        Serve(new AccessPolicy { Rules = [AllowCaller] });

        await Assert.ThrowsAnyAsync<WebSocketException>(() => other.ReceiveAsync(new byte[64], TestContext.Current.CancellationToken).WaitAsync(Eventually.Deadline, Time));
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var answer = new byte[64];
        var received = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("hello", Encoding.UTF8.GetString(answer, 0, received.Count));
    }

    [Fact]
    public async Task Claims_of_a_token_let_in_and_a_token_that_is_not_good_never_does()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        var rule = new AccessRule { Name = "ann", Action = AccessAction.Allow, From = new AccessSource { Claims = [new ClaimMatch { Name = "sub", Values = ["ann"] }] } };
        var policy = new AccessPolicy { Jwt = [issuer.Spec], Rules = [rule] };
        Serve(policy);
        Assert.Equal(HttpStatusCode.OK, (await WithToken(Token(issuer, "ann"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await WithToken(Token(issuer, "bob"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await WithToken(null)).StatusCode);
        using (var refused = await WithToken(Token(issuer, "ann") + "x"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("unauthenticated", refused.Headers.GetValues("mesh-error").Single());
            Assert.Equal("Bearer error=\"invalid_token\"", refused.Headers.WwwAuthenticate.ToString());
        }

        Serve(policy with { Audit = true });
        Assert.Equal(HttpStatusCode.OK, (await WithToken(Token(issuer, "ann") + "x")).StatusCode);

        Serve(policy with { Jwt = [issuer.Spec with { Jwks = "http://127.0.0.1:1/keys" }] });
        using var unknown = await WithToken(Token(issuer, "ann"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
        Assert.Equal("authorization-unavailable", unknown.Headers.GetValues("mesh-error").Single());
    }

    [Fact]
    public async Task A_server_that_is_asked_has_the_last_word_about_what_the_rules_let_in()
    {
        var asked = 0;
        await using var server = await Upstream.StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.StatusCode = context.Request.Headers["x-forwarded-uri"] == "/open" ? 200 : 403;
            Assert.Contains(ProxyPair.Caller, context.Request.Headers["x-forwarded-client-cert"].ToString(), StringComparison.Ordinal);
            return Task.CompletedTask;
        });
        var external = new ExternalAuthorization { Url = $"http://127.0.0.1:{server.Port}/", Timeout = TimeSpan.FromSeconds(5) };
        Serve(new AccessPolicy { External = external });
        Assert.Equal(HttpStatusCode.OK, (await Get("/open")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Get("/closed")).Status);
        Assert.Equal(2, asked);

        Serve(new AccessPolicy { External = external, Rules = [DenyCaller] });
        Assert.Equal(HttpStatusCode.Forbidden, (await Get("/open")).Status);
        Assert.Equal(2, asked);

        Serve(new AccessPolicy { External = external with { Url = "http://127.0.0.1:1/", FailOpen = true } });
        Assert.Equal(HttpStatusCode.OK, (await Get("/open")).Status);
        Assert.Contains("mesh_access_unasked_total 1", await To.AdminAsync("/metrics"), StringComparison.Ordinal);
        Serve(new AccessPolicy { External = external with { Url = "http://127.0.0.1:1/" } });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Get("/open")).Status);
    }

    [Fact]
    public async Task A_change_applies_to_a_request_that_waits_for_the_server()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var server = await Upstream.StartAsync(async _ =>
        {
            asked.TrySetResult();
            await answer.Task;
        });
        Serve(new AccessPolicy { External = new ExternalAuthorization { Url = $"http://127.0.0.1:{server.Port}/", Timeout = TimeSpan.FromSeconds(10) } });
        var waiting = Get();
        await asked.Task.WaitAsync(Eventually.Deadline, Time);

        Serve(new AccessPolicy { Rules = [DenyCaller] });
        answer.SetResult();

        Assert.Equal(HttpStatusCode.Forbidden, (await waiting).Status);
    }

    [Fact]
    public async Task A_request_is_counted_once_whatever_was_found()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await Upstream.StartAsync(static context =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        var policy = new AccessPolicy
        {
            Audit = true,
            Jwt = [issuer.Spec],
            External = new ExternalAuthorization { Url = $"http://127.0.0.1:{server.Port}/", Timeout = TimeSpan.FromSeconds(10) },
        };
        Serve(policy);
        Assert.Equal(HttpStatusCode.OK, (await WithToken("no token")).StatusCode);
        Serve(policy with { Audit = null });
        Assert.Equal(HttpStatusCode.Forbidden, (await WithToken(null)).StatusCode);

        var metrics = await To.AdminAsync("/metrics");
        Assert.Contains("mesh_access_decisions_total{decision=\"allowed\",rule=\"\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_access_decisions_total{decision=\"audited\",rule=\"\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_access_decisions_total{decision=\"denied\",rule=\"\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_let_in_by_a_first_policy_that_cannot_be_used()
    {
        Serve(new AccessPolicy { Rules = [AllowCaller with { From = new AccessSource { Addresses = ["nowhere"] } }] });

        using var refused = await Plain();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("authorization-unavailable", refused.Headers.GetValues("mesh-error").Single());
    }

    [Fact]
    public async Task A_policy_that_cannot_be_used_leaves_the_last_one_in_force()
    {
        Serve(new AccessPolicy { Rules = [DenyCaller] });
        Serve(new AccessPolicy { Rules = [AllowCaller with { From = new AccessSource { Addresses = ["nowhere"] } }] });
        Assert.Equal(HttpStatusCode.Forbidden, (await Get()).Status);
        Assert.Contains("access: 'nowhere'", To.Table.GetOrAdd(ServiceName.Parse("shop/web")).Rejected!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_let_in_before_the_policy_is_known_where_that_is_wanted()
    {
        await _pair.ReplaceCalledAsync(App(requirePolicy: true));
        using (var refused = await Plain())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("authorization-unavailable", refused.Headers.GetValues("mesh-error").Single());
        }

        // It leaves the rest to its namespace, of which nothing is known yet.
        Serve(new AccessPolicy { Rules = [DenyCaller] });
        using (var undecided = await Plain())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, undecided.StatusCode);
        }

        To.Serve(NamespaceSettings.Of("shop").ToString(), new ServiceSpec { NamespaceSettings = new NamespaceSettings { AccessDefault = AccessDefault.Authenticated } });
        using var denied = await Plain();
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);

        To.Serve(NamespaceSettings.Of("shop").ToString(), new ServiceSpec { NamespaceSettings = new NamespaceSettings() });
        using var answer = await Plain();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_policy_with_a_default_of_its_own_needs_nothing_of_its_namespace()
    {
        await _pair.ReplaceCalledAsync(App(requirePolicy: true));
        Serve(new AccessPolicy { Default = AccessDefault.Allow });

        using var answer = await Plain();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Connections_of_opaque_bytes_are_not_let_in_before_it_is_known_what_the_namespace_says()
    {
        await _pair.ReplaceCalledAsync(App(ServiceProtocol.Tcp, requirePolicy: true));
        Serve(null);
        using var early = new TcpClient();
        await early.ConnectAsync(IPAddress.Loopback, To.Addresses.Inbound!.Port);
        Assert.True(await IsClosed(early));

        To.Serve(NamespaceSettings.Of("shop").ToString(), new ServiceSpec { NamespaceSettings = new NamespaceSettings() });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, To.Addresses.Inbound!.Port);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: web\r\n\r\n"u8.ToArray());
        Assert.True(await client.GetStream().ReadAsync(new byte[4096]).AsTask().WaitAsync(Eventually.Deadline, Time) > 0);
    }

    /// <summary>Only the called proxy enforces it; the caller's may be older, or know fewer kinds of rules.</summary>
    [Fact]
    public async Task A_callee_whose_policy_the_caller_cannot_use_is_called_all_the_same()
    {
        var endpoint = At(To.Addresses.Inbound!.Port) with { Identity = "spiffe://mesh.local/ns/shop/svc/web" };
        From.Serve("shop/web", new ServiceSpec { Access = new AccessPolicy { Rules = [AllowCaller with { From = new AccessSource { Addresses = ["nowhere"] } }] } }, endpoint);
        To.Serve("shop/web", new ServiceSpec());

        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
        var explained = await Explain("GET");
        Assert.Equal("unknown", explained!.Decision);
        Assert.Contains("'nowhere'", explained.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_of_opaque_bytes_are_let_in_by_address_and_ended_as_well()
    {
        await _pair.ReplaceCalledAsync(App(ServiceProtocol.Tcp));
        Serve(new AccessPolicy { Rules = [new AccessRule { Name = "near", Action = AccessAction.Allow, From = new AccessSource { Addresses = ["127.0.0.0/8"] } }] });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, To.Addresses.Inbound!.Port);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: web\r\n\r\n"u8.ToArray());
        Assert.True(await client.GetStream().ReadAsync(new byte[4096]).AsTask().WaitAsync(Eventually.Deadline, Time) > 0);

        Serve(new AccessPolicy { Default = AccessDefault.Deny });
        Assert.True(await IsClosed(client));
        using var next = new TcpClient();
        await next.ConnectAsync(IPAddress.Loopback, To.Addresses.Inbound!.Port);
        Assert.True(await IsClosed(next));
    }

    private async Task<AccessExplanation?> Explain(string method)
    {
        using var body = new ByteArrayContent(MeshJson.Encode(new ExplainRequest { Authority = "web", Method = method })) { Headers = { ContentType = new("application/json") } };
        using var answer = await From.Http1.PostAsync(new Uri(From.Addresses.Admin, "/explain"), body);
        return MeshJson.Decode<Explanation>(await answer.Content.ReadAsByteArrayAsync()).Access;
    }

    private static string Token(TokenIssuer issuer, string subject) =>
        issuer.Rs256(new { iss = TokenIssuer.Name, aud = "web", sub = subject, exp = Time.GetUtcNow().ToUnixTimeSeconds() + 600 });

    private async Task<HttpResponseMessage> WithToken(string? token)
    {
        using var request = From.Request(HttpMethod.Get, "web", "/");
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return await From.Http1.SendAsync(request);
    }

    private static async Task<bool> IsClosed(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[4096]).AsTask().WaitAsync(Eventually.Deadline, Time) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private AppOptions App(ServiceProtocol protocol = ServiceProtocol.Http, bool requirePolicy = false) => new("127.0.0.1", _app.Port, protocol, requirePolicy);

    private void Serve(AccessPolicy? access) => _pair.Serve(new ServiceSpec { Access = access });

    private async Task<(HttpStatusCode Status, string Text)> Get(string path = "/")
    {
        using var answer = await From.GetAsync("web", path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Past the caller's proxy, as anybody could.</summary>
    private async Task<HttpResponseMessage> Plain()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, To.Addresses.Inbound) { Headers = { Host = "web" } };
        return await From.Http1.SendAsync(request);
    }

    /// <returns>The status of a request whose path no client's library touches.</returns>
    private async Task<string> Raw(string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, To.Addresses.Inbound!.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());
        return (await reader.ReadLineAsync().WaitAsync(Eventually.Deadline, Time))!.Split(' ')[1];
    }
}
