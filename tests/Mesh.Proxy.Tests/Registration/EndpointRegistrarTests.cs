using System.Diagnostics.CodeAnalysis;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Mesh.Proxy.HealthChecks;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Registration;
using Mesh.Proxy.Tests.ControlPlane;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Registration;

public sealed class EndpointRegistrarTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeControlPlane _controlPlane = new();
    private readonly FakeCheck _check = new();
    private readonly ProxyIdentity _identity = new(isEnabled: true, TestIssuer.TrustDomain);
    private EndpointRegistrar _registrar;

    public EndpointRegistrarTests() => Create(ServiceProtocol.Http);

    public async ValueTask DisposeAsync()
    {
        await _registrar.StopAsync(CancellationToken.None);
        _registrar.Dispose();
    }

    [Fact]
    public async Task It_registers_when_the_application_is_healthy_and_the_control_plane_there()
    {
        _check.Problem = "starting";
        await _registrar.StartAsync(CancellationToken.None);
        await Pass("some checks fail", () => _check.Count > 3);
        _check.Problem = null;
        await Pass("a check passes", () => _registrar.Problem?.Contains("control plane", StringComparison.Ordinal) == true);
        Assert.Empty(_controlPlane.Registered);

        _controlPlane.Connect();
        await Pass("it is registered", () => _registrar.Problem is null);

        Assert.True(_controlPlane.Registered.TryPeek(out var endpoint));
        Assert.Equal(("10.0.0.7", 4143, "a", EndpointState.Ready), (endpoint.Host, endpoint.Port, endpoint.Zone, endpoint.State));
        Assert.Equal("1", endpoint.Labels["version"]);
    }

    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Tcp)]
    public async Task Peers_are_told_the_identity_as_soon_as_there_is_one(ServiceProtocol protocol)
    {
        Create(protocol);
        await Registered();
        Assert.Null(_controlPlane.Registered.Last().Identity);

        var (issued, key) = new TestIssuer(_time.GetUtcNow()).Issue("shop/web", _time.GetUtcNow());
        _identity.Use(HeldIdentity.Create(issued, key), null);

        await Pass("it is said with a renewal", () => _controlPlane.Registered.Last().Identity == "spiffe://mesh.local/ns/shop/svc/web");
    }

    [Fact]
    public async Task It_renews_its_lease_well_within_the_period()
    {
        await Registered();
        var start = _time.GetTimestamp();

        await Pass("it has renewed three times", () => _controlPlane.Registered.Count >= 4);

        Assert.InRange(_time.GetElapsedTime(start).TotalSeconds, 8, 22);
    }

    [Fact]
    public async Task An_ill_application_is_reported_and_so_is_its_recovery()
    {
        await Registered();

        _check.Problem = "ill";
        await Pass("it is reported", () => _controlPlane.Registered.Last().State == EndpointState.NotReady);
        _check.Problem = null;
        await Pass("its recovery too", () => _controlPlane.Registered.Last().State == EndpointState.Ready);
    }

    [Fact]
    public async Task Leaving_is_announced_first_and_then_waited_for()
    {
        await Registered();

        var stopping = _registrar.StoppingAsync(CancellationToken.None);
        await Eventually.Holds("it is announced", () => _controlPlane.Registered.Last().State == EndpointState.Draining);
        Assert.Empty(_controlPlane.Deregistered);
        await Pass("it is removed", () => stopping.IsCompleted);

        Assert.Equal(["web-1"], _controlPlane.Deregistered);
        Assert.Equal(EndpointState.Draining, _controlPlane.Registered.Last().State);
    }

    [Fact]
    public async Task A_control_plane_that_is_away_does_not_keep_the_proxy_from_stopping()
    {
        await Registered();
        _controlPlane.Failure = new InvalidOperationException("away");

        await _registrar.StoppingAsync(CancellationToken.None).WaitAsync(Eventually.Deadline);
    }

    [MemberNotNull(nameof(_registrar))]
    private void Create(ServiceProtocol protocol)
    {
        _registrar?.Dispose();
        var options = new ProxyOptions { Zone = "a", App = { Service = "shop/web", Port = 8080, EndpointId = "web-1", Protocol = protocol } };
        options.App.Labels["version"] = "1";
        _registrar = new EndpointRegistrar(
            _controlPlane, _check, new FixedAddress(), EndpointRegistration.Of(options)!, options.Drain, _identity, _time, NullLogger<EndpointRegistrar>.Instance);
    }

    private async Task Registered()
    {
        _controlPlane.Connect();
        await _registrar.StartAsync(CancellationToken.None);
        await Pass("it is registered", () => !_controlPlane.Registered.IsEmpty);
    }

    /// <summary>Lets time pass until something holds.</summary>
    private Task Pass(string what, Func<bool> condition) => Eventually.Holds(what, () =>
    {
        if (condition())
        {
            return true;
        }

        _time.Advance(TimeSpan.FromMilliseconds(100));
        return false;
    });

    private sealed class FakeCheck : IHealthCheck
    {
        private int _count;

        public string? Problem { get; set; }

        public int Count => _count;

        public Task<string?> Check(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            return Task.FromResult(Problem);
        }
    }

    private sealed class FixedAddress : IInboundAddress
    {
        public Task WhenBound => Task.CompletedTask;

        public string Host => "10.0.0.7";

        public int Port => 4143;
    }
}
