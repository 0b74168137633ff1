using Mesh.Proxy.Access;
using Mesh.Proxy.Access.External;

namespace Mesh.Proxy.Telemetry;

/// <summary>Who was let in to the application beside the proxy.</summary>
internal static class AccessMetrics
{
    private const string Decisions = "mesh_access_decisions_total";

    public static void Write(PrometheusWriter writer, AccessStats stats, ExternalAuthorizer external)
    {
        writer.Family(Decisions, "counter", "Inbound requests by what the service's access policy decided; audited ones were let in.");
        writer.Sample(Decisions, PrometheusWriter.Labels(("decision", "allowed"), ("rule", "")), stats.Allowed);
        foreach (var (rule, requests) in stats.Denied)
        {
            writer.Sample(Decisions, PrometheusWriter.Labels(("decision", "denied"), ("rule", rule)), requests);
        }

        foreach (var (rule, requests) in stats.Audited)
        {
            writer.Sample(Decisions, PrometheusWriter.Labels(("decision", "audited"), ("rule", rule)), requests);
        }

        writer.Family("mesh_access_ended_total", "counter", "Requests that were under way when they were no longer allowed.");
        writer.Sample("mesh_access_ended_total", "", stats.Ended);
        writer.Family("mesh_access_unasked_total", "counter", "Requests let in because the authorization server could not be asked (failOpen).");
        writer.Sample("mesh_access_unasked_total", "", external.LetInUnasked);
    }
}
