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
        var outliers = model.Endpoints.Subset(call.Backend.RequiredLabels).Outliers;
        return new Hedge(client.Invoker, first, delay, retries.Body, PickSecond, ReportFailure, time);

        UpstreamEndpoint? PickSecond()
        {
            if (picker.PickUntried(call, [first.Stats]) is not { } second)
            {
                return null;
            }

            if (!retries.TryAllowHedge())
            {
                second.Stats.GiveBack();
                return null;
            }

            return second;
        }

        void ReportFailure(UpstreamEndpoint endpoint) => outliers?.Report(endpoint, TryVerdict.GatewayError, isProbe: false);
    }
}
