using System.Net;
using System.Net.Sockets;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Services;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Access;

/// <summary>Before it is known for the first time who may call, and when it cannot be told.</summary>
public sealed class FirstPolicyTests : AccessTestBase
{
    [Fact]
    public async Task The_first_plaintext_request_of_a_strict_service_waits_for_its_policy_and_is_refused()
    {
        To.Source.Answer("web.shop", () =>
        {
            Pair.Serve(new ServiceSpec { Mtls = MtlsMode.Strict });
            return ServiceLookup.Found(To.Table.GetOrAdd(ServiceName.Parse("shop/web")));
        });

        using var refused = await Plain();

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
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
        await Pair.ReplaceCalledAsync(App(requirePolicy: true));
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
        await Pair.ReplaceCalledAsync(App(requirePolicy: true));
        Serve(new AccessPolicy { Default = AccessDefault.Allow });

        using var answer = await Plain();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Connections_of_opaque_bytes_are_not_let_in_before_it_is_known_what_the_namespace_says()
    {
        await Pair.ReplaceCalledAsync(App(ServiceProtocol.Tcp, requirePolicy: true));
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
}
