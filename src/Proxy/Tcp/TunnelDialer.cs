using System.Net.Sockets;
using System.Security.Authentication;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// Connects to an endpoint of one of a rule's backends: as for requests, chosen by the balancer, and when it cannot
/// be connected to, another. To the measurements a connection is a request, and connecting its latency; to the limits
/// of a service of opaque bytes, it is a request as long as it is open.
/// </summary>
internal sealed class TunnelDialer(IServiceSource source, MeshDialer mesh, TunnelHandshake handshake, ActiveRequests active, TimeProvider time, Random random)
{
    /// <summary>As many as a request that cannot connect gets.</summary>
    private const int MaxTries = 3;

    /// <param name="service">What was asked for; counts the connection.</param>
    public async ValueTask<TunnelResult> DialAsync(ServiceState service, RuleModel rule, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        service.Touch(now);
        if (rule.PickBackend(random) is not { } chosen)
        {
            return TunnelResult.Failed(ProxyError.NoEndpoints, $"rule '{rule.Name}' of {service.Name} has no backend with a weight above 0");
        }

        var backend = chosen.Service;
        backend.Touch(now);
        var model = backend.Model;
        var failure = LookupFailure.None;
        if (model is null)
        {
            var found = await source.FindAsync(backend.Host, cancellationToken);
            (model, failure) = (found.Service?.Model, found.Failure);
        }

        if (model is null or { IsDeleted: true })
        {
            return TunnelResult.Failed(ProxyError.NoEndpoints, FailureText.NoEndpoint(backend, chosen.RequiredLabels, failure, now));
        }

        if (model.Spec is { Protocol: not ServiceProtocol.Tcp, Traffic: { Limits: not null } or { RateLimit: not null } })
        {
            return TunnelResult.Failed(ProxyError.NoRoute,
                $"{backend.Name} limits its requests (traffic.limits, traffic.rateLimit), which a tunnel would hide; send the requests themselves");
        }

        return backend.Gate is { } gate
            ? await EnterAndDialAsync(service, chosen, model, gate, cancellationToken)
            : await DialAsync(service, chosen, model, gate: null, cancellationToken);
    }

    private async ValueTask<TunnelResult> EnterAndDialAsync(
        ServiceState service, BackendModel backend, ServiceModel model, RequestGate gate, CancellationToken cancellationToken)
    {
        if (await gate.EnterAsync(left: null, time, cancellationToken) is var outcome and not GateOutcome.Entered)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wait = outcome == GateOutcome.TimedOut
                ? $"this one has waited {GatewayDuration.Format(gate.Limits.PendingTimeout)} (limits.pendingTimeout)"
                : $"{gate.Limits.Pending} may wait (limits.pending)";
            return TunnelResult.Failed(ProxyError.Overloaded, $"this proxy has {gate.Capacity} connections to {backend.Service.Name} (traffic.limits), and {wait}");
        }

        var result = default(TunnelResult);
        try
        {
            return result = await DialAsync(service, backend, model, gate, cancellationToken);
        }
        finally
        {
            if (result.Tunnel is null)
            {
                gate.Leave();
            }
        }
    }

    /// <param name="gate">The tunnel leaves it at its end.</param>
    private async ValueTask<TunnelResult> DialAsync(
        ServiceState service, BackendModel backend, ServiceModel model, RequestGate? gate, CancellationToken cancellationToken)
    {
        // Gateways of other regions forward requests, not bytes.
        var pool = model.Endpoints.Subset(backend.RequiredLabels, PoolScope.Direct);
        var limit = model.Spec?.Traffic.Connections?.ConnectTimeout ?? ConnectionDefaults.ConnectTimeout;
        var failed = new List<EndpointStats>();
        var failure = default(TunnelResult);
        var endpoint = pool.Pick(new PickContext(time.GetTimestamp()), out var isProbe);
        for (var tries = 1; endpoint is not null && tries <= MaxTries; tries++)
        {
            try
            {
                var isSecure = mesh.IsSecure(endpoint);
                var isOpaque = model.Spec?.Protocol == ServiceProtocol.Tcp;
                var connection = await ConnectAsync(endpoint, isSecure && isOpaque, pool.Outliers, isProbe, limit, cancellationToken);
                return TunnelResult.Open(new Tunnel(connection, endpoint, service.Tunnels, isSecure && !isOpaque ? handshake : null, active, gate));
            }
            catch (Exception exception) when (IsFailure(exception))
            {
                var times = tries == 1 ? "" : $", the last of {tries} tries";
                failure = TunnelResult.Failed(ProxyError.ConnectFailed,
                    $"endpoint '{endpoint.Endpoint.Id}' ({endpoint.Address}) of {backend.Service.Name}{times}: {exception.Message}; the proxy's admin page /endpoints has its state");
            }

            failed.Add(endpoint.Stats);
            isProbe = false;
            endpoint = pool.PickUntried(new PickContext(time.GetTimestamp()), failed);
        }

        return failure.Error is not null
            ? failure
            : TunnelResult.Failed(ProxyError.NoEndpoints, FailureText.NoEndpoint(
                backend.Service, backend.RequiredLabels, LookupFailure.None, time.GetTimestamp(), PoolScope.Direct));
    }

    /// <summary>There is no connection, and not because of the caller.</summary>
    private static bool IsFailure(Exception exception) => exception is SocketException or AuthenticationException or IOException;

    /// <summary>Connects and tells the measurements; they count the connection as in use when this returns.</summary>
    private async ValueTask<EndpointConnection> ConnectAsync(
        UpstreamEndpoint endpoint, bool isSecure, OutlierDetector? outliers, bool isProbe, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var verdict = TryVerdict.Nothing;
        endpoint.Stats.Begin();
        try
        {
            var connection = isSecure
                ? await mesh.ConnectAsync(endpoint, limit, cancellationToken)
                : new EndpointConnection(await EndpointSocket.ConnectAsync(endpoint.Endpoint.Host, endpoint.Endpoint.Port, limit, cancellationToken));
            endpoint.Stats.Answered(StatusCodes.Status200OK, started);
            verdict = TryVerdict.Success;
            return connection;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            endpoint.Stats.Failed(started);
            verdict = TryVerdict.GatewayError;
            throw;
        }
        finally
        {
            if (verdict != TryVerdict.Success)
            {
                endpoint.Stats.End();
            }

            outliers?.Report(endpoint, verdict, isProbe);
        }
    }
}
