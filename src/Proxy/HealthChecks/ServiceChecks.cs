using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.HealthChecks;

/// <summary>The health checks of a service's endpoints. Only for <see cref="EndpointHealthChecker"/>'s own thread of work.</summary>
internal sealed class ServiceChecks(HealthCheckClient client, TimeProvider time)
{
    private readonly ServiceSlots _slots = new();
    private Dictionary<EndpointStats, EndpointCheck> _checks = [];
    private ServiceModel? _model;

    /// <summary>Checks the endpoints of a model from now on, those that may get requests.</summary>
    /// <returns>The checks that are new.</returns>
    public List<EndpointCheck> Follow(ServiceModel model, HealthCheck policy)
    {
        var added = new List<EndpointCheck>();
        if (ReferenceEquals(model, _model))
        {
            return added;
        }

        _model = model;
        var before = _checks;
        _checks = new Dictionary<EndpointStats, EndpointCheck>(model.Endpoints.Selectable);
        foreach (var endpoint in model.Endpoints.All)
        {
            // What is behind a gateway, the proxies there check.
            if (!endpoint.IsSelectable || endpoint.IsGateway || _checks.ContainsKey(endpoint.Stats))
            {
                continue;
            }

            if (before.Remove(endpoint.Stats, out var known) && known.IsFor(policy, endpoint))
            {
                _checks.Add(endpoint.Stats, known);
                continue;
            }

            known?.Stop();
            var check = new EndpointCheck(policy, endpoint, model.Endpoints.Memory, _slots, client, time);
            _checks.Add(endpoint.Stats, check);
            added.Add(check);
        }

        foreach (var gone in before.Values)
        {
            gone.StopAndForget();
        }

        return added;
    }

    public void Stop()
    {
        foreach (var check in _checks.Values)
        {
            check.StopAndForget();
        }

        _checks.Clear();
        _model = null;
    }
}
