using System.Text;
using Mesh.Abstractions.Connections;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Security;

public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PeerAuthority _authority = new();
    private readonly PeerAuthority _other = new("other");
    private readonly RecordingTlsObserver _server = new();
    private readonly RecordingTlsObserver _client = new();
    private TimeProvider _time = TimeProvider.System;

    public void Dispose()
    {
    }

    [Fact]
    public async Task Both_ends_learn_who_the_other_is()
    {
        var connection = new LoopbackConnection();

        Assert.Equal("hello", await Talk(connection, _authority.Silo(), _authority.Proxy("shop/web")));

        Assert.Equal("shop/web", connection.Server.Features.Get<ConnectionPeer>()?.Identity?.Service?.ToString());
        Assert.True(connection.Client.Features.Get<ConnectionPeer>()?.Identity?.IsSilo);
    }

    [Fact]
    public async Task A_proxy_is_not_admitted_where_only_silos_are()
    {
        await Refused(_authority.Silo(), _authority.Proxy("shop/web"), isAdmitted: static peer => peer.IsSilo);

        Assert.Equal(["rejected"], _server.Reasons);
    }

    [Fact]
    public async Task A_proxy_where_a_silo_should_be_is_not_talked_to()
    {
        var connection = new LoopbackConnection();
        var serving = Close(
            Server(TlsMode.Required, new TestCertificates(_authority.Proxy("shop/web"))).OnConnected(connection.Server, static async context => await context.Transport.Input.ReadAsync()),
            connection.CloseServer);

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => Close(
            Client(TlsMode.Required, new TestCertificates(_authority.Silo())).OnConnected(connection.Client, static _ => throw new InvalidOperationException("it was talked to")),
            connection.CloseClient));

        Assert.Equal(["rejected"], _client.Reasons);
        await Record.ExceptionAsync(() => serving.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        await Refused(_authority.Silo(_other), new PeerAuthority("root").Proxy("shop/web", _authority));

        Assert.Equal(["rejected"], _server.Reasons);
    }

    [Fact]
    public async Task An_identity_of_another_trust_domain_is_refused()
    {
        await Refused(_authority.Silo(), _authority.Issue("spiffe://elsewhere/ns/shop/svc/web", []));

        Assert.Equal(["rejected"], _server.Reasons);
    }

    [Fact]
    public async Task A_certificate_that_has_ended_is_refused()
    {
        await Refused(_authority.Silo(), _authority.Issue("spiffe://mesh.local/ns/shop/svc/web", [], age: TimeSpan.FromHours(25)));

        Assert.Equal(["rejected"], _server.Reasons);
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_given_up()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _time = time;
        var connection = new LoopbackConnection();
        var serving = Server(TlsMode.Required, new TestCertificates(_authority.Silo())).OnConnected(connection.Server, static _ => Task.CompletedTask);

        Assert.False(serving.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => serving.WaitAsync(Patience));
        Assert.Equal(["timeout"], _server.Reasons);
    }

    [Fact]
    public async Task A_peer_that_stops_in_the_middle_of_its_hello_is_given_up()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        _time = time;
        var connection = new LoopbackConnection();
        var serving = Server(TlsMode.Required, new TestCertificates(_authority.Silo())).OnConnected(connection.Server, static _ => Task.CompletedTask);
        await connection.Client.Transport.Output.WriteAsync(new byte[] { 22, 3, 1, 0, 200, 1 });

        time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => serving.WaitAsync(Patience));
        Assert.Equal(["timeout"], _server.Reasons);
    }

    [Fact]
    public async Task One_address_that_opens_many_connections_leaves_room_for_others()
    {
        var server = Server(TlsMode.Required, new TestCertificates(_authority.Silo()), new TlsOptions { Mode = TlsMode.Required, MaxHandshakes = 4, MaxHandshakesPerAddress = 2 });
        var silent = Enumerable.Range(0, 2).Select(_ => new LoopbackConnection()).ToList();
        var waiting = silent.Select(one => server.OnConnected(one.Server, static _ => Task.CompletedTask)).ToList();

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => server.OnConnected(new LoopbackConnection().Server, static _ => Task.CompletedTask));
        Assert.Equal(["busy"], _server.Reasons);

        var other = new LoopbackConnection("10.9.9.9");
        Assert.Equal("hello", await Talk(other, server, Client(TlsMode.Required, new TestCertificates(_authority.Proxy("shop/web")))));

        silent.ForEach(static one => one.CloseClient());
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => waiting[0].WaitAsync(Patience));
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => waiting[1].WaitAsync(Patience));
        Assert.Equal("hello", await Talk(new LoopbackConnection(), server, Client(TlsMode.Required, new TestCertificates(_authority.Proxy("shop/web")))));
    }

    [Fact]
    public async Task Plaintext_is_refused_where_TLS_is_required()
    {
        var connection = new LoopbackConnection();
        await connection.Client.Transport.Output.WriteAsync(new byte[] { 60, 0, 0, 0 });

        await Assert.ThrowsAsync<ConnectionAbortedException>(
            () => Server(TlsMode.Required, new TestCertificates(_authority.Silo())).OnConnected(connection.Server, static _ => Task.CompletedTask));
        Assert.Equal(["plaintext"], _server.Reasons);
    }

    [Fact]
    public async Task Both_are_accepted_while_a_cluster_changes_over()
    {
        var certificates = new TestCertificates(_authority.Silo());
        var server = Server(TlsMode.On, certificates);

        Assert.Equal("hello", await Talk(new LoopbackConnection(), server, Client(TlsMode.Off, new TestCertificates(null))));
        Assert.Equal("hello", await Talk(new LoopbackConnection(), server, Client(TlsMode.On, new TestCertificates(_authority.Proxy("shop/web")))));

        Assert.Equal(1, _server.PlaintextConnections);
    }

    [Fact]
    public async Task A_peer_that_does_not_speak_TLS_yet_is_called_without_it_the_next_time()
    {
        var client = Client(TlsMode.On, new TestCertificates(_authority.Silo()));
        var first = new LoopbackConnection();
        var calling = client.OnConnected(first.Client, static _ => Task.CompletedTask);
        await first.Server.Transport.Input.ReadAsync();
        first.CloseServer();
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => calling.WaitAsync(Patience));

        Assert.Equal("hello", await Talk(new LoopbackConnection(), Server(TlsMode.Off, new TestCertificates(null)), client));
    }

    [Fact]
    public async Task Without_a_certificate_nobody_is_connected_to_where_TLS_is_required()
    {
        await Assert.ThrowsAsync<ConnectionAbortedException>(
            () => Client(TlsMode.Required, new TestCertificates(null)).OnConnected(new LoopbackConnection().Client, static _ => Task.CompletedTask));

        Assert.Equal(["no-certificate"], _client.Reasons);
    }

    [Fact]
    public async Task A_root_is_replaced_without_a_connection_being_dropped()
    {
        var ofServer = new TestCertificates(_authority.Silo());
        var ofClient = new TestCertificates(_authority.Proxy("shop/web"));
        var server = Server(TlsMode.Required, ofServer);
        var client = Client(TlsMode.Required, ofClient);
        var old = new LoopbackConnection();
        var oldServed = new TaskCompletionSource<ConnectionContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ends = new TaskCompletionSource();
        var oldServing = server.OnConnected(old.Server, async context =>
        {
            oldServed.SetResult(context);
            await ends.Task;
        });
        var oldCalling = client.OnConnected(old.Client, async context =>
        {
            var served = await oldServed.Task;

            // Both trust both, then one after the other has a certificate of the new root, then the old root goes.
            ofServer.Current = _authority.Silo(_other);
            ofClient.Current = _authority.Proxy("shop/web", _other);
            Assert.Equal("hello", await Talk(new LoopbackConnection(), server, client));
            ofServer.Current = _other.Silo(_authority);
            Assert.Equal("hello", await Talk(new LoopbackConnection(), server, client));
            ofClient.Current = _other.Proxy("shop/web", _authority);
            Assert.Equal("hello", await Talk(new LoopbackConnection(), server, client));
            ofServer.Current = _other.Silo();
            ofClient.Current = _other.Proxy("shop/web");
            Assert.Equal("hello", await Talk(new LoopbackConnection(), server, client));

            await context.Transport.Output.WriteAsync("still here"u8.ToArray());
            var read = await served.Transport.Input.ReadAsync();
            Assert.Equal("still here", Encoding.ASCII.GetString(read.Buffer.FirstSpan));
            served.Transport.Input.AdvanceTo(read.Buffer.End);
            ends.SetResult();
        });

        await oldCalling.WaitAsync(Patience);
        await oldServing.WaitAsync(Patience);
    }

    private TlsServer Server(TlsMode mode, TestCertificates certificates, TlsOptions? options = null, Func<PeerIdentity, bool>? isAdmitted = null) =>
        new(options ?? new TlsOptions { Mode = mode }, certificates, isAdmitted ?? (static _ => true), _server, _time);

    private TlsClient Client(TlsMode mode, TestCertificates certificates) =>
        new(new TlsOptions { Mode = mode }, () => mode, certificates, _client, _time);

    private Task<string> Talk(LoopbackConnection connection, PeerCredentials ofServer, PeerCredentials ofClient) => Talk(
        connection, Server(TlsMode.Required, new TestCertificates(ofServer)), Client(TlsMode.Required, new TestCertificates(ofClient)));

    private async Task Refused(PeerCredentials ofServer, PeerCredentials ofClient, Func<PeerIdentity, bool>? isAdmitted = null)
    {
        var connection = new LoopbackConnection();
        var serving = Close(Server(TlsMode.Required, new TestCertificates(ofServer), isAdmitted: isAdmitted).OnConnected(connection.Server, _ => throw new InvalidOperationException("it was let in")), connection.CloseServer);

        // In TLS 1.3 the client is done before the server has judged it, and hears of it with the first thing it reads.
        var calling = Close(
            Client(TlsMode.Required, new TestCertificates(ofClient)).OnConnected(connection.Client, static async context => await context.Transport.Input.ReadAsync()),
            connection.CloseClient);
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => serving.WaitAsync(Patience));
        await Record.ExceptionAsync(() => calling.WaitAsync(Patience));
    }

    private static async Task Close(Task side, Action close)
    {
        try
        {
            await side;
        }
        finally
        {
            close();
        }
    }

    /// <returns>What the server got to read.</returns>
    private static async Task<string> Talk(LoopbackConnection connection, TlsServer server, TlsClient client)
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = server.OnConnected(connection.Server, async context =>
        {
            var read = await context.Transport.Input.ReadAsync();
            heard.SetResult(Encoding.ASCII.GetString(read.Buffer.FirstSpan));
            context.Transport.Input.AdvanceTo(read.Buffer.End);
        });
        var calling = client.OnConnected(connection.Client, async context =>
        {
            await context.Transport.Output.WriteAsync("hello"u8.ToArray());
            await heard.Task;
        });
        var first = await Task.WhenAny(serving, calling).WaitAsync(Patience);
        await first;
        await Task.WhenAll(serving, calling).WaitAsync(Patience);
        return await heard.Task;
    }
}
