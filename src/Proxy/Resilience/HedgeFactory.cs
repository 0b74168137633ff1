using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Resilience;

/// <summary>Makes the first try of a request one that gets a second beside it, where its rule and the request allow it.</summary>
internal sealed class HedgeFactory(UpstreamClient client, EndpointPicker picker, TimeProvider time)
{
    /// <param name="retries">Null when the rule neither retries nor hedges.</param>
    /// <returns>Null when there may be only one try at a time.</returns>
    public Hedge? TryCreate(OutboundCall call, ServiceModel model, UpstreamEndpoint first, RequestRetries? retries) =>
        call.Rule.HedgeDelay is { } delay && retries?.MayRunTwice == true ? Create(call, model, first, retries, delay) : null;

    private Hedge Create(OutboundCall call, ServiceModel model, UpstreamEndpoint first, RequestRetries retries, TimeSpan delay)
    {
        var outliers = call.Backend.PoolIn(model).Outliers;
        var connections = model.Client ?? client;
        return new Hedge(connections.Invoker, call, first, delay, retries.Body, PickSecond, Report, time);

        (UpstreamEndpoint Endpoint, ServiceProtocol Protocol, bool IsSecure)? PickSecond()
        {
            if (picker.PickUntried(call, [first.Stats]) is not { } second)
            {
                return null;
            }

            // What an endpoint speaks is learned by a try of its own.
            var isSecure = connections.IsSecure(second);
            var protocol = isSecure ? UpstreamClient.SecureProtocol(second) : second.Protocol == ServiceProtocol.Auto ? second.Stats.Protocol.Known : second.Protocol;
            if (protocol is not { } spoken || !retries.TryAllowHedge())
            {
                second.Stats.GiveBack();
                return null;
            }

            return (second, spoken, isSecure);
        }

        void Report(UpstreamEndpoint endpoint, TryVerdict verdict) => outliers?.Report(endpoint, verdict, isProbe: false);
    }
}
