using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Mesh.Testing.Identity;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Identity;

/// <summary>Two proxies with an application behind the second, over real sockets.</summary>
public sealed class MutualTlsTests : IAsyncLifetime
{
    private const string Web = "spiffe://mesh.local/ns/shop/svc/web";
    private static readonly TimeProvider Time = TimeProvider.System;

    private Upstream _app = null!;
    private ProxyPair _pair = null!;

    private ProxyHost From => _pair.From;

    private ProxyHost To => _pair.To;

    private ProxyIdentity Calling => _pair.Calling;

    private ProxyIdentity Called => _pair.Called;

    private TestIssuer Issuer => _pair.Issuer;

    private int Port => To.Addresses.Inbound!.Port;

    public async ValueTask InitializeAsync()
    {
        _app = await Upstream.StartAsync(
            app =>
            {
                app.UseWebSockets();
                app.Run(static context => context.WebSockets.IsWebSocketRequest
                    ? WebSocketEcho.ServeAsync(context)
                    : context.Response.WriteAsync($"{context.Request.Headers[InboundGuard.Header]}|{context.Request.Headers.Via}"));
            },
            ServiceProtocol.Http);
        _pair = await ProxyPair.StartAsync(new AppOptions("127.0.0.1", _app.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _pair.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Proxies_with_identities_call_each_other_by_mutual_TLS_and_the_application_is_told_who_calls()
    {
        _pair.Serve();
        var (status, text) = await Get();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains($"By={Web};Hash=", text, StringComparison.Ordinal);
        Assert.Contains($";URI={ProxyPair.Caller}|", text, StringComparison.Ordinal);

        // Between the proxies it was HTTP/2.
        Assert.Contains("2.0 ", text.Split('|')[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_application_says_of_certificates_itself_never_arrives()
    {
        _pair.Serve();
        using var mutual = From.Request(HttpMethod.Get, "web", "/");
        mutual.Headers.TryAddWithoutValidation(InboundGuard.Header, "URI=spiffe://mesh.local/ns/bank/svc/vault");
        using var answer = await From.Http1.SendAsync(mutual);
        Assert.DoesNotContain("vault", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var plain = new HttpRequestMessage(HttpMethod.Get, To.Addresses.Inbound) { Headers = { Host = "web" } };
        plain.Headers.TryAddWithoutValidation("X-Forwarded-Client-Cert", "URI=spiffe://mesh.local/ns/bank/svc/vault");
        using var second = await From.Http1.SendAsync(plain);
        Assert.StartsWith("|", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_goes_by_mutual_TLS_as_well()
    {
        _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict });
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "web");
        await socket.ConnectAsync(new UriBuilder(From.Addresses.Outbound) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var answer = new byte[64];
        var received = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("hello", System.Text.Encoding.UTF8.GetString(answer, 0, received.Count));
    }

    [Fact]
    public async Task Who_proves_to_be_somebody_else_gets_no_request()
    {
        _pair.Hold(Called, "shop/other");
        _pair.Serve();
        await AssertNotConnected("/ns/shop/svc/other, and spiffe://mesh.local/ns/shop/svc/web is expected");
    }

    [Fact]
    public async Task A_connection_is_not_used_for_another_identity_at_the_same_address()
    {
        _pair.Serve();
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
        From.Serve("shop/api", new ServiceSpec(), At(Port) with { Identity = "spiffe://mesh.local/ns/shop/svc/api" });
        Assert.Equal(HttpStatusCode.BadGateway, (await Get("api")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
    }

    [Fact]
    public async Task An_endpoint_of_another_authority_gets_no_request()
    {
        _pair.Hold(Called, "shop/web", new TestIssuer(Time.GetUtcNow()));
        _pair.Serve();
        await AssertNotConnected("lead to a root");
    }

    [Fact]
    public async Task An_expired_endpoint_gets_no_request()
    {
        var (issued, key) = Issuer.Issue("shop/web", Time.GetUtcNow() - TimeSpan.FromHours(25));
        Called.Use(HeldIdentity.Create(issued, key), null);
        _pair.Serve();
        await AssertNotConnected("expired");
    }

    [Fact]
    public async Task Callers_without_a_certificate_of_ours_do_not_come_in()
    {
        var foreign = new TestIssuer(Time.GetUtcNow());
        using var selfMade = TestAuthority.Leaf(null, Time.GetUtcNow(), ProxyPair.Caller);
        using var otherDomain = TestAuthority.Leaf(Issuer.Root, Time.GetUtcNow(), "spiffe://other.example/ns/shop/svc/caller");
        using var theirs = TestAuthority.Leaf(foreign.Root, Time.GetUtcNow(), ProxyPair.Caller);
        using var good = TestAuthority.Leaf(Issuer.Root, Time.GetUtcNow(), ProxyPair.Caller);
        Assert.True(await ComesIn(good));
        foreach (var certificate in (X509Certificate2?[])[null, selfMade, otherDomain, theirs])
        {
            Assert.False(await ComesIn(certificate), certificate?.Subject ?? "none");
        }

        Assert.Contains(To.Logs.Messages, static message => message.Contains("Refused mutual TLS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plaintext_is_counted_when_permissive_and_refused_when_strict()
    {
        Calling.Use(null, null);
        _pair.Serve();
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
        Assert.Contains("mesh_inbound_plaintext_requests_total{caller=\"127.0.0.1\"} 1", await Metrics(), StringComparison.Ordinal);

        _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict });
        using var direct = new HttpRequestMessage(HttpMethod.Get, To.Addresses.Inbound) { Headers = { Host = "web" } };
        using var refused = await From.Http1.SendAsync(direct);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("forbidden", refused.Headers.GetValues("mesh-error").Single());
        Assert.Contains("Mesh:Identity", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        _pair.Hold(Calling, "shop/caller");
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
    }

    [Fact]
    public async Task Who_has_no_certificate_any_more_sends_nothing_in_plaintext_to_who_would_refuse_it()
    {
        Calling.Use(null, null);
        _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict });

        await AssertNotConnected("this proxy has no certificate any more");

        Assert.DoesNotContain("mesh_inbound_plaintext_requests_total{", await Metrics(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_cannot_take_away_what_is_said_of_it()
    {
        _pair.Serve();
        using var certificate = TestAuthority.Leaf(Issuer.Root, Time.GetUtcNow(), ProxyPair.Caller);

        var answer = await AskAsync(certificate, $"GET / HTTP/1.1\r\nHost: web\r\nConnection: {InboundGuard.Header}, x-hop\r\n\r\n");

        Assert.Contains($";URI={ProxyPair.Caller}|", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Off_is_plaintext()
    {
        _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Off });
        Assert.StartsWith("|", (await Get()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_no_identity_is_called_and_calls_as_before()
    {
        From.Serve("shop/web", new ServiceSpec(), At(Port));
        Assert.StartsWith("|", (await Get()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_checks_go_the_same_way()
    {
        var check = new HealthCheck { Path = "/", Interval = TimeSpan.FromMilliseconds(500), Timeout = TimeSpan.FromSeconds(5), UnhealthyThreshold = 1 };
        _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict, Traffic = new TrafficPolicy { HealthCheck = check } });
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
        var stats = From.Table.GetOrAdd(ServiceName.Parse("shop/web")).Model!.Endpoints.All[0].Stats;
        await Eventually.Holds("it was checked", () => stats.Health.Checks > 2);
        Assert.Null(stats.Health.Problem);
    }

    [Fact]
    public async Task Copies_and_second_tries_go_the_same_way()
    {
        var mirrored = new RouteFilter { Type = RouteFilterType.RequestMirror, RequestMirror = new RequestMirror { BackendRef = new MirrorBackend { Name = "web" } } };
        _pair.Serve(new ServiceSpec
        {
            Mtls = MtlsMode.Strict,
            Routes = [new RouteRule { Name = "all", Filters = [mirrored], Hedge = new HedgePolicy { Delay = TimeSpan.FromMilliseconds(1) } }],
        }, At(Port) with { Identity = Web }, At(Port, "e2") with { Identity = Web });
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await Get()).Status);
        }

        await Eventually.Holds("copies arrived", async () =>
            (await From.Http1.GetStringAsync(new Uri(From.Addresses.Admin, "/metrics"))).Contains("action=\"mirror\"", StringComparison.Ordinal));
        Assert.DoesNotContain("code=\"forbidden\"", await Metrics(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaf_intermediate_and_root_change_without_a_failed_request()
    {
        // Connections live for a second, so that each step is met by new handshakes, while older connections go on.
        _pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict, Traffic = new TrafficPolicy { Connections = new ConnectionPolicy { Lifetime = TimeSpan.FromSeconds(1) } } });
        using var stop = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Call(stop.Token))).ToArray();
        var hashes = new HashSet<string>();
        var old = Issuer.Root;

        await Step(hashes, static () => { });
        await Step(hashes, () => _pair.Hold(Called, "shop/web"));
        await Step(hashes, () => _pair.Hold(Calling, "shop/caller"));

        Issuer.SignWith(TestAuthority.Make(Time.GetUtcNow(), old), Time.GetUtcNow());
        await Step(hashes, () => _pair.Hold(Calling, "shop/caller"));
        await Step(hashes, () => _pair.Hold(Called, "shop/web"));

        // The next root is trusted by all first, signs then, and the old one goes last.
        var next = TestAuthority.Make(Time.GetUtcNow());
        Issuer.Trust(next);
        await Step(hashes, () => Bundle(Calling));
        await Step(hashes, () => Bundle(Called));
        Issuer.SignWith(next, Time.GetUtcNow());
        await Step(hashes, () => _pair.Hold(Called, "shop/web"));
        await Step(hashes, () => _pair.Hold(Calling, "shop/caller"));
        Issuer.Distrust(old);
        await Step(hashes, () => Bundle(Calling));
        await Step(hashes, () => Bundle(Called));

        await stop.CancelAsync();
        var counts = await Task.WhenAll(calls);
        Assert.All(counts, static count => Assert.True(count > 10, $"{count} calls"));
        Assert.Equal(4, hashes.Count);
    }

    /// <summary>Changes something, and waits until a new connection has been made since.</summary>
    private async Task Step(HashSet<string> hashes, Action change)
    {
        change();
        await Task.Delay(TimeSpan.FromMilliseconds(1200), Time);
        var (status, text) = await Get();
        Assert.True(status == HttpStatusCode.OK, text);
        hashes.Add(text.Split("Hash=")[1].Split(';')[0]);
    }

    private async Task<int> Call(CancellationToken stop)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            var (status, text) = await Get();
            Assert.True(status == HttpStatusCode.OK, text);
            Assert.Contains(ProxyPair.Caller, text, StringComparison.Ordinal);
            count++;
        }

        return count;
    }

    private void Bundle(ProxyIdentity identity) => identity.Use(identity.Held!.WithBundle(Issuer.Bundle), null);

    private async Task<(HttpStatusCode Status, string Text)> Get(string host = "web")
    {
        using var answer = await From.GetAsync(host);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private Task<string> Metrics() => From.Http1.GetStringAsync(new Uri(To.Addresses.Admin, "/metrics"));

    private async Task AssertNotConnected(string reason)
    {
        using var answer = await From.GetAsync("web");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("connect-failed", answer.Headers.GetValues("mesh-error").Single());
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Shakes hands as a proxy does, with a certificate of one's own, and sends a request.</summary>
    private async Task<bool> ComesIn(X509Certificate2? certificate) => await AskAsync(certificate, "GET / HTTP/1.1\r\nHost: web\r\n\r\n") is { Length: > 0 };

    /// <returns>The answer's first bytes; null when there is none.</returns>
    private async Task<string?> AskAsync(X509Certificate2? certificate, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "x" + MeshTls.NameSuffix,
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == Called.Current!.Context.TargetCertificate.GetCertHashString(),
            });
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(request));
            var buffer = new byte[4096];
            var text = "";
            while (!text.Contains('|', StringComparison.Ordinal) && await stream.ReadAsync(buffer).AsTask().WaitAsync(Eventually.Deadline, Time) is > 0 and var count)
            {
                text += System.Text.Encoding.ASCII.GetString(buffer, 0, count);
            }

            return text;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return null;
        }
    }
}
