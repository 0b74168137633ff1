using Mesh.Proxy.Balancing;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Routing;

/// <summary>A service that gets a share of a rule's requests.</summary>
internal sealed class BackendModel(ServiceState service, int weight, RequestStats stats)
{
    /// <summary>The holder, not a model: the backend's own endpoints change without its callers' rules changing.</summary>
    public ServiceState Service { get; } = service;

    public int Weight { get; } = weight;

    /// <summary>The labels that endpoints must have; null for all endpoints.</summary>
    public LabelSet? RequiredLabels { get; init; }

    /// <summary>Which of the service's endpoints it may use at all.</summary>
    public PoolScope Scope { get; init; }

    /// <summary>How a gateway of another region is told what a request is for.</summary>
    public string Reference => field ??= BackendHeader.Format(Service.Name, RequiredLabels);

    /// <summary>The labels as people read them; empty for all endpoints.</summary>
    public string Subset { get; init; } = "";

    /// <summary>What the filters of the rule and its own do to a request; null when it has none of its own.</summary>
    public RequestChanges? Changes { get; init; }

    /// <summary>Requests of this rule to this backend. Stays the same object from snapshot to snapshot.</summary>
    public RequestStats Stats { get; } = stats;

    /// <summary>The endpoints that its requests may go to.</summary>
    public EndpointPool PoolIn(ServiceModel model) => model.Endpoints.Subset(RequiredLabels, Scope);
}
