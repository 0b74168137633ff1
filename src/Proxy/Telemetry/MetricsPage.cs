using System.Text.Json;
using Mesh.Proxy.Access;
using Mesh.Proxy.Access.External;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Telemetry;

/// <summary>
/// All measurements, for Prometheus. Series are read off the objects that requests count on, so those of a rule, an
/// endpoint or a service that is gone are gone with it.
/// </summary>
internal sealed class MetricsPage(ServiceTable services, ProxyStats proxy, LoadShedder shedder, ProxyIdentity identity, PlaintextCallers plaintext, AccessStats access,
    ExternalAuthorizer external, TimeProvider time)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public byte[] Render()
    {
        var known = services.All.OrderBy(static service => service.Name).Select(static service => (service, service.Model)).ToArray();
        var writer = new PrometheusWriter();
        WriteRequests(writer, known);
        WriteFilters(writer, known);
        WriteErrors(writer, known);
        WriteEndpoints(writer, known);
        WriteTunnels(writer, known);
        WriteInbound(writer);
        LimitMetrics.Write(writer, known, shedder);
        IdentityMetrics.Write(writer, identity, plaintext);
        AccessMetrics.Write(writer, access, external);
        WriteSnapshots(writer, known);
        WriteRegions(writer);
        WriteProcess(writer);
        return writer.ToBytes();
    }

    private static void WriteRequests(PrometheusWriter writer, (ServiceState State, ServiceModel? Model)[] services)
    {
        var rows = services.SelectMany(static service => (service.Model?.Rules ?? [])
            .SelectMany(static rule => rule.Backends.Select(backend => (rule.Name, backend)))
            .DistinctBy(static row => row.backend.Stats)
            .Select(row => (
                Labels: LabelsOf(service.State, row.Name, row.backend),
                row.backend.Stats))).ToArray();

        writer.Family("http_client_request_duration_seconds", "histogram", "Outbound requests from arrival to the end of the response.");
        foreach (var (labels, stats) in rows)
        {
            writer.Histogram("http_client_request_duration_seconds", labels, stats.Duration);
        }

        writer.Family("mesh_requests_total", "counter", "Outbound requests by outcome; aborted means that the caller left.");
        foreach (var (labels, stats) in rows)
        {
            WriteOutcomes(writer, "mesh_requests_total", labels + ",", stats);
        }

        WriteRetries(writer, rows);
        writer.Family("http_client_active_requests", "gauge", "Outbound requests in flight.");
        foreach (var (labels, stats) in rows)
        {
            writer.Sample("http_client_active_requests", labels, stats.Active);
        }
    }

    private static string LabelsOf(ServiceState service, string rule, BackendModel backend)
    {
        var labels = PrometheusWriter.Labels(("service", service.Name.ToString()), ("rule", rule), ("backend", backend.Service.Name.ToString()));
        return backend.Subset.Length == 0 ? labels : $"{labels},{PrometheusWriter.Labels(("subset", backend.Subset))}";
    }

    private static void WriteFilters(PrometheusWriter writer, (ServiceState State, ServiceModel? Model)[] services)
    {
        writer.Family("mesh_filter_actions_total", "counter", "What filters of rules did with requests.");
        foreach (var (state, model) in services)
        {
            foreach (var rule in model?.Rules ?? [])
            {
                foreach (var action in FilterCounters.Actions)
                {
                    if (rule.FilterCounters?.CountOf(action) is > 0 and var count)
                    {
                        writer.Sample(
                            "mesh_filter_actions_total",
                            PrometheusWriter.Labels(("service", state.Name.ToString()), ("rule", rule.Name), ("action", NameOf(action))),
                            count);
                    }
                }
            }
        }
    }

    private static void WriteRetries(PrometheusWriter writer, (string Labels, RequestStats Stats)[] rows)
    {
        writer.Family("mesh_retries_total", "counter", "Tries after the first, by the reason why the one before did not do.");
        foreach (var (labels, stats) in rows)
        {
            foreach (var reason in RetryCounters.Reasons)
            {
                if (stats.Retries.CountOf(reason) is > 0 and var count)
                {
                    writer.Sample("mesh_retries_total", $"{labels},reason=\"{NameOf(reason)}\"", count);
                }
            }
        }

        writer.Family("mesh_retries_refused_total", "counter",
            "Retries that a rule provides for and that were not made: the budget is exhausted, too much of the body is gone, or the wait would be too long.");
        foreach (var (labels, stats) in rows)
        {
            foreach (var refusal in RetryCounters.Refusals)
            {
                if (stats.Retries.CountOf(refusal) is > 0 and var count)
                {
                    writer.Sample("mesh_retries_refused_total", $"{labels},reason=\"{NameOf(refusal)}\"", count);
                }
            }
        }
    }

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private void WriteErrors(PrometheusWriter writer, (ServiceState State, ServiceModel? Model)[] services)
    {
        writer.Family("mesh_errors_total", "counter", "Outbound requests that the proxy itself answered, by mesh-error.");
        WriteErrors(writer, "mesh_errors_total", ("service", ""), proxy.Errors);
        foreach (var (state, _) in services)
        {
            WriteErrors(writer, "mesh_errors_total", ("service", state.Name.ToString()), state.Errors);
        }
    }

    private void WriteEndpoints(PrometheusWriter writer, (ServiceState State, ServiceModel? Model)[] services)
    {
        var now = time.GetTimestamp();
        var rows = services.SelectMany(static service => (service.Model?.Endpoints.All ?? []).Select(endpoint => (
            Labels: PrometheusWriter.Labels(
                ("service", service.State.Name.ToString()),
                ("endpoint", endpoint.Endpoint.Id),
                ("region", endpoint.Endpoint.Region),
                ("address", endpoint.Address)),
            endpoint.Stats,
            IsWatched: service.Model!.Endpoints.Outliers is not null,
            IsChecked: service.Model!.Spec?.Traffic.HealthCheck is not null))).ToArray();

        Write("mesh_endpoint_requests_total", "counter", "Tries sent to an endpoint.", static (stats, _) => stats.Requests);
        Write("mesh_endpoint_failures_total", "counter", "Tries without an answer, or with one of 500 and above.", static (stats, _) => stats.Failures);
        Write("mesh_endpoint_active_requests", "gauge", "Tries in flight.", static (stats, _) => stats.InFlight);
        Write("mesh_endpoint_latency_estimate_seconds", "gauge", "The balancer's peak-sensitive latency estimate.",
            static (stats, now) => stats.LatencyMilliseconds(now) / 1000);

        var all = rows;
        rows = [.. all.Where(static row => row.IsChecked)];
        Write("mesh_endpoint_unhealthy", "gauge", "Whether an endpoint gets no requests for failing its health checks.", static (stats, _) => stats.Health.IsFailing ? 1 : 0);
        Write("mesh_health_checks_total", "counter", "Health checks of an endpoint.", static (stats, _) => stats.Health.Checks);
        Write("mesh_health_check_failures_total", "counter", "Those that failed.", static (stats, _) => stats.Health.Failures);

        rows = [.. all.Where(static row => row.IsWatched)];
        Write("mesh_endpoint_ejections_total", "counter", "How often outlier detection took an endpoint out.", static (stats, _) => stats.Ejection.Ejections);
        Write("mesh_endpoint_ejected", "gauge", "Whether an endpoint gets no requests for having failed, a probe aside.", static (stats, _) => stats.Ejection.IsOut ? 1 : 0);
        Write("mesh_endpoint_consecutive_failures", "gauge", "Failures in a row.", static (stats, _) => stats.Ejection.ConsecutiveFailures);

        writer.Family("mesh_panic_requests_total", "counter", "Requests that any endpoint could get, because too few were healthy.");
        foreach (var (state, model) in services)
        {
            if (model?.Endpoints.Memory.PanicRequests is > 0 and var count)
            {
                writer.Sample("mesh_panic_requests_total", PrometheusWriter.Labels(("service", state.Name.ToString())), count);
            }
        }

        void Write(string name, string type, string help, Func<EndpointStats, long, double> value)
        {
            writer.Family(name, type, help);
            foreach (var (labels, stats, _, _) in rows)
            {
                writer.Sample(name, labels, value(stats, now));
            }
        }
    }

    private void WriteTunnels(PrometheusWriter writer, (ServiceState State, ServiceModel? Model)[] services)
    {
        var rows = services
            .Select(static service => (Label: ("service", service.State.Name.ToString()), service.State.Tunnels))
            .Append((Label: ("service", ""), Tunnels: proxy.InboundTunnels))
            .Where(static row => row.Tunnels.Opened > 0)
            .ToArray();
        writer.Family("mesh_tcp_connections_total", "counter", "Connections passed on as bytes: to ports of services, and by CONNECT.");
        foreach (var (label, tunnels) in rows)
        {
            writer.Sample("mesh_tcp_connections_total", PrometheusWriter.Labels(label), tunnels.Opened);
        }

        writer.Family("mesh_tcp_active_connections", "gauge", "Of these, those that are open.");
        foreach (var (label, tunnels) in rows)
        {
            writer.Sample("mesh_tcp_active_connections", PrometheusWriter.Labels(label), tunnels.Active);
        }

        writer.Family("mesh_tcp_bytes_total", "counter", "Bytes on them, sent to endpoints and received from endpoints.");
        foreach (var (label, tunnels) in rows)
        {
            writer.Sample("mesh_tcp_bytes_total", PrometheusWriter.Labels(label, ("direction", "sent")), tunnels.Sent);
            writer.Sample("mesh_tcp_bytes_total", PrometheusWriter.Labels(label, ("direction", "received")), tunnels.Received);
        }
    }

    private void WriteInbound(PrometheusWriter writer)
    {
        writer.Family("http_server_request_duration_seconds", "histogram", "Inbound requests from arrival to the end of the response.");
        writer.Histogram("http_server_request_duration_seconds", "", proxy.Inbound.Duration);
        writer.Family("mesh_inbound_requests_total", "counter", "Inbound requests by outcome; aborted means that the caller left.");
        WriteOutcomes(writer, "mesh_inbound_requests_total", "", proxy.Inbound);
        writer.Family("http_server_active_requests", "gauge", "Inbound requests in flight.");
        writer.Sample("http_server_active_requests", "", proxy.Inbound.Active);
        writer.Family("mesh_inbound_errors_total", "counter", "Inbound requests that the proxy itself answered, by mesh-error.");
        WriteErrors(writer, "mesh_inbound_errors_total", null, proxy.InboundErrors);
    }

    private static void WriteSnapshots(PrometheusWriter writer, (ServiceState State, ServiceModel? Model)[] services)
    {
        writer.Family("mesh_snapshot_revision", "gauge", "The revision of a service in use; 0 when none is. Deleted services have none.");
        foreach (var (state, model) in services.Where(static service => service.Model is not { IsDeleted: true }))
        {
            writer.Sample("mesh_snapshot_revision", PrometheusWriter.Labels(("service", state.Name.ToString())), model?.Version.Revision ?? 0);
        }
    }

    private void WriteRegions(PrometheusWriter writer)
    {
        writer.Family("mesh_region_stale", "gauge", "Whether another region has been silent for too long, and its endpoints are used last.");
        foreach (var region in services.Regions.Current.All)
        {
            writer.Sample("mesh_region_stale", PrometheusWriter.Labels(("region", region.Region)), region.IsStale == true ? 1 : 0);
        }
    }

    private static void WriteProcess(PrometheusWriter writer)
    {
        writer.Family("process_cpu_seconds_total", "counter", "CPU time of the process.");
        writer.Sample("process_cpu_seconds_total", "", Environment.CpuUsage.TotalTime.TotalSeconds);
        writer.Family("process_resident_memory_bytes", "gauge", "Resident memory of the process.");
        writer.Sample("process_resident_memory_bytes", "", Environment.WorkingSet);
        writer.Family("dotnet_gc_heap_size_bytes", "gauge", "Managed memory in use.");
        writer.Sample("dotnet_gc_heap_size_bytes", "", GC.GetTotalMemory(forceFullCollection: false));
    }

    private static void WriteOutcomes(PrometheusWriter writer, string name, string labels, RequestStats stats)
    {
        for (var statusClass = 1; statusClass <= 5; statusClass++)
        {
            if (stats.CountOf(statusClass) is > 0 and var count)
            {
                writer.Sample(name, $"{labels}outcome=\"{statusClass}xx\"", count);
            }
        }

        if (stats.Aborted > 0)
        {
            writer.Sample(name, $"{labels}outcome=\"{RequestStats.AbortedName}\"", stats.Aborted);
        }
    }

    private static void WriteErrors(PrometheusWriter writer, string name, (string Name, string Value)? label, ErrorCounters errors)
    {
        foreach (var error in ProxyError.All)
        {
            if (errors.CountOf(error) is > 0 and var count)
            {
                var labels = label is { } also
                    ? PrometheusWriter.Labels(also, ("code", error.Code))
                    : PrometheusWriter.Labels(("code", error.Code));
                writer.Sample(name, labels, count);
            }
        }
    }
}
