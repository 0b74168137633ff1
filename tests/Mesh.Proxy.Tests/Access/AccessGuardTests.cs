using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Access;

/// <summary>Who may call, by rules about requests.</summary>
public sealed class AccessGuardTests : AccessTestBase
{
    [Fact]
    public async Task Who_is_not_allowed_is_refused_told_why_and_counted()
    {
        Serve(new AccessPolicy { Rules = [AllowCaller] });
        Assert.Equal(HttpStatusCode.OK, (await Get()).Status);

        Pair.Hold(Pair.Calling, "shop/other");
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

    private async Task<AccessExplanation?> Explain(string method)
    {
        using var body = new ByteArrayContent(MeshJson.Encode(new ExplainRequest { Authority = "web", Method = method })) { Headers = { ContentType = new("application/json") } };
        using var answer = await From.Http1.PostAsync(new Uri(From.Addresses.Admin, "/explain"), body);
        return MeshJson.Decode<Explanation>(await answer.Content.ReadAsByteArrayAsync()).Access;
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
