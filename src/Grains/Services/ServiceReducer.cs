using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;

namespace Mesh.Grains.Services;

/// <summary>
/// The pure heart of the service grain: from a record and a command to the next record. Everything about revisions,
/// preconditions and no-ops is decided here.
/// </summary>
internal static class ServiceReducer
{
    /// <param name="collectBefore">See <see cref="Tombstones.Limit"/>; for a region without peers when null.</param>
    public static Reduction Apply(
        ServiceRecord record,
        ServiceCommand command,
        Precondition precondition,
        string region,
        DateTimeOffset now,
        DateTimeOffset? collectBefore = null)
    {
        record = RecordUpgrade.Apply(record, region);
        var before = ResourceRevision(record, command, region);
        if (!Holds(precondition, before))
        {
            return new Reduction(WriteStatus.PreconditionFailed, record, before);
        }

        var draft = Draft(record, command, region);
        if (draft is null)
        {
            return new Reduction(WriteStatus.NotFound, record, 0);
        }

        var next = Commit(record, draft, command, region, now);
        if (next is null)
        {
            return new Reduction(WriteStatus.Unchanged, record, before);
        }

        if (!ReferenceEquals(next.Registers, record.Registers))
        {
            next = Tombstones.Collect(next, collectBefore ?? Tombstones.Limit(now, []));
        }

        var after = ResourceRevision(next, command, region);
        var change = next.SpecRevision == next.Revision ? Describe(command) : null;
        return new Reduction(WriteStatus.Stored, next, after, Created: before == 0 && after != 0, change);
    }

    /// <summary>
    /// Whether a sidecar's endpoint is registered just as it describes it. It is not where the service was deleted, here
    /// or in another region: it has to make it exist again.
    /// </summary>
    public static bool IsRegistered(ServiceRecord record, string id, EndpointSpec endpoint, string region) =>
        record.Spec is not null
        && Find(record, region, id) is { } known
        && MeshJson.Same(known, Describe(record, new PutEndpoint(id, endpoint, EndpointSource.Sidecar), region));

    /// <summary>The revision of what a command is about: an endpoint's own, else the spec's. 0 when it does not exist.</summary>
    private static long ResourceRevision(ServiceRecord record, ServiceCommand command, string region) => command switch
    {
        PutEndpoint put => Find(record, region, put.Id)?.Revision ?? 0,
        DrainEndpoint drain => Find(record, region, drain.Id)?.Revision ?? 0,
        RemoveEndpoints remove => remove.Ids.Select(id => Find(record, region, id)?.Revision ?? 0).DefaultIfEmpty().Max(),
        PutRule put => HasRule(record, put.Rule.Name) ? record.SpecRevision : 0,
        DeleteRule delete => HasRule(record, delete.Name) ? record.SpecRevision : 0,
        _ => record.Spec is null ? 0 : record.SpecRevision,
    };

    private static bool Holds(Precondition precondition, long revision) =>
        (!precondition.MustExist || revision != 0)
        && (!precondition.MustNotExist || revision == 0)
        && (precondition.IfMatch is null || (revision != 0 && precondition.IfMatch.Contains(revision)));

    /// <summary>The record with the command's content but without new revisions; null when its target does not exist.</summary>
    private static ServiceRecord? Draft(ServiceRecord record, ServiceCommand command, string region)
    {
        var spec = record.Spec;
        return command switch
        {
            PutSpec put => record with { Spec = Canonical(put.Spec) },
            RestoreSpec restore => record with { Spec = Canonical(restore.Spec) },
            ApplyDocument apply => ReplaceApiEndpoints(record with { Spec = Canonical(apply.Spec) }, apply.Endpoints, region),
            PutEndpoint { Source: EndpointSource.Sidecar } put => With(Ensure(record, put.Endpoint), region, Describe(record, put, region)),
            _ when spec is null => null,
            DeleteService => record with { Spec = null, Endpoints = Without(record, region, static _ => true) },
            PutRule put => record with { Spec = spec with { Routes = Put(spec.Routes, put.Rule) } },
            DeleteRule delete => HasRule(record, delete.Name)
                ? record with { Spec = spec with { Routes = [.. spec.Routes.Where(rule => rule.Name != delete.Name)] } }
                : null,
            PutTraffic put => record with { Spec = spec with { Traffic = put.Traffic } },
            PutEndpoint put => With(record, region, Describe(record, put, region)),
            DrainEndpoint drain => Find(record, region, drain.Id) is { } endpoint
                ? With(record, region, endpoint with { State = EndpointState.Draining, Drained = true })
                : null,
            RemoveEndpoints remove => remove.Ids.Any(id => Find(record, region, id) is not null)
                ? record with { Endpoints = Without(record, region, endpoint => remove.Ids.Contains(endpoint.Id)) }
                : null,
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "not a command of this version"),
        };
    }

    /// <summary>Gives what changed the next revision and its stamps; null when nothing did.</summary>
    private static ServiceRecord? Commit(ServiceRecord before, ServiceRecord draft, ServiceCommand command, string region, DateTimeOffset now)
    {
        var isSameSpec = MeshJson.Same(before.Spec, draft.Spec);
        var revision = before.Revision + 1;
        var known = before.EndpointsOf(region).ToDictionary(static endpoint => endpoint.Id, StringComparer.Ordinal);
        var isSameEndpoints = known.Count == draft.EndpointsOf(region).Count;
        var endpoints = new List<Endpoint>();
        foreach (var endpoint in draft.EndpointsOf(region).OrderBy(static endpoint => endpoint.Id, StringComparer.Ordinal))
        {
            var isSame = known.GetValueOrDefault(endpoint.Id) is { } old && MeshJson.Same(old, endpoint);
            isSameEndpoints &= isSame;
            endpoints.Add(isSame ? endpoint : endpoint with { Revision = revision });
        }

        if (isSameSpec && isSameEndpoints)
        {
            return null;
        }

        var next = draft with
        {
            Revision = revision,
            SpecRevision = isSameSpec ? before.SpecRevision : revision,
            UpdatedAt = now,
            Endpoints = draft.WithEndpoints(region, endpoints),
        };
        return LocalWrite.Stamp(before, next, isSameSpec, isSameEndpoints, Claim(command), region, now);
    }

    /// <summary>As every region puts it together, so that all have the same.</summary>
    private static ServiceSpec? Canonical(ServiceSpec? spec) => spec?.Access is { } access ? spec with { Access = access.Canonical() } : spec;

    private static ExistenceClaim Claim(ServiceCommand command) => command switch
    {
        PutEndpoint { Source: EndpointSource.Sidecar } => ExistenceClaim.Implied,
        DrainEndpoint or RemoveEndpoints => ExistenceClaim.None,
        _ => ExistenceClaim.Stated,
    };

    private static string Describe(ServiceCommand command) => command switch
    {
        PutSpec => "put service",
        ApplyDocument => "apply",
        DeleteService => "delete service",
        PutRule put => $"put routes/{put.Rule.Name}",
        DeleteRule delete => $"delete routes/{delete.Name}",
        PutTraffic => "put traffic",
        RestoreSpec restore => $"roll back to {restore.Revision}",
        PutEndpoint put => $"register {put.Id}",
        _ => command.GetType().Name,
    };

    private static Endpoint? Find(ServiceRecord record, string region, string id) =>
        record.EndpointsOf(region).FirstOrDefault(endpoint => endpoint.Id == id);

    private static bool HasRule(ServiceRecord record, string name) =>
        record.Spec is { } spec && spec.Routes.Any(rule => rule.Name == name);

    private static List<RouteRule> Put(IReadOnlyList<RouteRule> rules, RouteRule rule)
    {
        var next = rules.ToList();
        var index = next.FindIndex(old => old.Name == rule.Name);
        if (index < 0)
        {
            next.Add(rule);
        }
        else
        {
            next[index] = rule;
        }

        return next;
    }

    /// <summary>An instance that registers makes its service exist: nobody has to write a spec first.</summary>
    private static ServiceRecord Ensure(ServiceRecord record, EndpointSpec endpoint) => record.Spec is not null
        ? record
        : record with { Spec = new ServiceSpec { Protocol = endpoint.Protocol ?? ServiceProtocol.Http } };

    private static Endpoint Describe(ServiceRecord record, PutEndpoint put, string region)
    {
        var old = Find(record, region, put.Id);
        var isDrained = put.Source == EndpointSource.Sidecar && old is { Drained: true };
        return ToEndpoint(put.Id, put.Endpoint, put.Source, region, old) with
        {
            Drained = isDrained,
            State = isDrained ? EndpointState.Draining : put.Endpoint.State,
        };
    }

    private static Endpoint ToEndpoint(string id, EndpointSpec spec, EndpointSource source, string region, Endpoint? old) => new()
    {
        Id = id,
        Host = spec.Host,
        Port = spec.Port,
        Protocol = spec.Protocol,
        Zone = spec.Zone,
        Region = region,
        Weight = spec.Weight,
        Labels = spec.Labels,
        Identity = spec.Identity,
        State = spec.State,
        Source = source,
        Revision = old?.Revision ?? 0,
    };

    private static ServiceRecord With(ServiceRecord record, string region, Endpoint endpoint) => record with
    {
        Endpoints = record.WithEndpoints(
            region,
            [.. record.EndpointsOf(region).Where(old => old.Id != endpoint.Id), endpoint]),
    };

    private static IReadOnlyDictionary<string, IReadOnlyList<Endpoint>> Without(ServiceRecord record, string region, Predicate<Endpoint> isRemoved) =>
        record.WithEndpoints(region, [.. record.EndpointsOf(region).Where(endpoint => !isRemoved(endpoint))]);

    private static ServiceRecord ReplaceApiEndpoints(ServiceRecord record, IReadOnlyDictionary<string, EndpointSpec>? endpoints, string region)
    {
        if (endpoints is null)
        {
            return record;
        }

        var kept = record.EndpointsOf(region)
            .Where(old => old.Source != EndpointSource.Api && !endpoints.ContainsKey(old.Id));
        var put = endpoints.Select(pair => Describe(record, new PutEndpoint(pair.Key, pair.Value, EndpointSource.Api), region));
        return record with { Endpoints = record.WithEndpoints(region, [.. kept, .. put]) };
    }
}
