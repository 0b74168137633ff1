using Mesh.Proxy.Identity;

namespace Mesh.Proxy.Telemetry;

/// <summary>How the proxy's certificate does.</summary>
internal static class IdentityMetrics
{
    public static void Write(PrometheusWriter writer, ProxyIdentity identity, PlaintextCallers plaintext)
    {
        if (!identity.IsEnabled)
        {
            return;
        }

        writer.Family("mesh_identity_expiry_timestamp_seconds", "gauge", "When the proxy's certificate expires; 0 while it has none.");
        writer.Sample(
            "mesh_identity_expiry_timestamp_seconds",
            identity.Current is { } held ? PrometheusWriter.Labels(("identity", held.SpiffeId)) : "",
            identity.Current?.ExpiresAt.ToUnixTimeSeconds() ?? 0);
        writer.Family("mesh_inbound_plaintext_requests_total", "counter", "Inbound requests that did not come by mutual TLS, by the caller's address.");
        foreach (var (caller, requests) in plaintext.All.Where(static row => row.Requests > 0))
        {
            writer.Sample("mesh_inbound_plaintext_requests_total", PrometheusWriter.Labels(("caller", caller ?? "others")), requests);
        }

        writer.Family("mesh_identity_renewals_total", "counter", "Certificates that the proxy was given.");
        writer.Sample("mesh_identity_renewals_total", "", identity.Renewals);
        writer.Family("mesh_identity_failures_total", "counter", "Times it was given none.");
        writer.Sample("mesh_identity_failures_total", "", identity.Failures);
    }
}
