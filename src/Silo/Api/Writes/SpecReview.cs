using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Writes;

/// <summary>Looks at a valid spec beside the other services: names that are taken, backends that are missing.</summary>
internal sealed class SpecReview(ControlPlane controlPlane)
{
    /// <returns>The hosts (their positions in the list) that name another service, and which.</returns>
    public async Task<IReadOnlyList<(int Index, ServiceName Owner)>> FindTakenHosts(ServiceName service, IReadOnlyList<string> hosts)
    {
        if (hosts.Count == 0)
        {
            return [];
        }

        var owners = await controlPlane.Catalog.FindHostOwners(service, hosts);
        return [.. hosts.Index().Where(host => owners.ContainsKey(host.Item)).Select(host => (host.Index, owners[host.Item]))];
    }

    /// <exception cref="ApiException">A host belongs to another service: 409.</exception>
    public async Task RefuseTakenHosts(ServiceName service, ServiceSpec spec)
    {
        var taken = await FindTakenHosts(service, spec.Hosts);
        if (taken.Count > 0)
        {
            var path = JsonPath.Root.Field("hosts");
            throw ApiException.Conflict(
                "A host can name one service only. Remove it from the other service first, or choose another host.",
                [.. taken.Select(host => TakenHost(path.Item(host.Index), spec.Hosts[host.Index], host.Owner))]);
        }
    }

    public static SpecError TakenHost(JsonPath path, string host, ServiceName owner) =>
        new(path.ToString(), $"\"{host}\" names service {owner} already (/v1/services/{owner})");

    /// <summary>
    /// What is stored and does not go together, since two regions wrote it without knowing of each other: a spec that is not
    /// valid as a whole, a host that two services have.
    /// </summary>
    public async Task<IReadOnlyList<SpecError>> FindMergeProblems(ServiceName service, ServiceSpec spec)
    {
        var problems = SpecValidator.Check(spec);
        try
        {
            var hosts = JsonPath.Root.Field("hosts");
            var taken = await FindTakenHosts(service, spec.Hosts);
            return [.. problems, .. taken.Select(host => TakenHost(hosts.Item(host.Index), spec.Hosts[host.Index], host.Owner))];
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException or OrleansException)
        {
            // A service can be read while the catalog cannot.
            return problems;
        }
    }

    /// <summary>What is stored but will not work as it is.</summary>
    public async Task<IReadOnlyList<SpecError>> Warn(ServiceName service, ServiceSpec spec)
    {
        var warnings = new List<SpecError>();
        var routes = JsonPath.Root.Field("routes");
        await WarnOfMissingBackends(service, spec.Routes.Select((rule, index) => (rule, routes.Item(index))), warnings);
        return warnings;
    }

    /// <inheritdoc cref="Warn(ServiceName, ServiceSpec)"/>
    public async Task<IReadOnlyList<SpecError>> Warn(ServiceName service, RouteRule rule)
    {
        var warnings = new List<SpecError>();
        await WarnOfMissingBackends(service, [(rule, JsonPath.Root)], warnings);
        return warnings;
    }

    private async Task WarnOfMissingBackends(ServiceName service, IEnumerable<(RouteRule Rule, JsonPath Path)> rules, List<SpecError> warnings)
    {
        var references = BackendReferences.Of(service, rules).ToList();
        if (references.Count == 0)
        {
            return;
        }

        var missing = (await controlPlane.Catalog.FindMissing([.. references.Select(static reference => reference.Service).Distinct()])).ToHashSet();
        warnings.AddRange(references.Where(reference => missing.Contains(reference.Service)).Select(BackendReferences.Warn));
    }
}
