using System.Text.Json;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Access;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Sessions;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Services;

/// <summary>Turns snapshots into <see cref="ServiceModel"/>s.</summary>
internal sealed class ServiceModelCompiler(
    TimeProvider time, Random random, ProxyPlace? place = null, ILogger<EndpointPool>? poolLogger = null, UpstreamClients? clients = null, RegionState? regions = null, DataPathOptions? options = null)
{
    /// <summary>What <see cref="CancellationTokenSource.CancelAfter(TimeSpan)"/> can still do, roughly.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    /// <summary>What is known of other regions, which models are compiled for.</summary>
    public RegionState Regions { get; } = regions ?? new RegionState(time);

    /// <exception cref="UnusableSnapshotException">The bytes are not a snapshot of what they claim to be.</exception>
    public static ServiceSnapshot Decode(EncodedSnapshot encoded)
    {
        ServiceSnapshot snapshot;
        try
        {
            snapshot = encoded.Decode();
        }
        catch (JsonException exception)
        {
            throw new UnusableSnapshotException($"not a snapshot: {exception.Message}", exception);
        }

        if (snapshot.Service != encoded.Service || snapshot.Revision != encoded.Version.Revision)
        {
            throw new UnusableSnapshotException(
                $"says it is {snapshot.Service} at revision {snapshot.Revision}, but came as {encoded.Service} at revision {encoded.Version.Revision}");
        }

        return snapshot;
    }

    /// <param name="previous">The model it will replace; what stays the same keeps its measurements.</param>
    /// <param name="backend">The holder of a service that a rule refers to.</param>
    /// <exception cref="UnusableSnapshotException">It cannot be used, for whatever reason.</exception>
    public ServiceModel Compile(
        ServiceSnapshot snapshot, EncodedSnapshot encoded, ServiceModel? previous, Func<ServiceName, ServiceState> backend)
    {
        try
        {
            return CompileChecked(snapshot, encoded, previous, backend);
        }
        catch (Exception exception) when (exception is not UnusableSnapshotException)
        {
            // Whatever a peer can send, such as a null in a list, must cost no more than its own snapshot.
            throw new UnusableSnapshotException($"{exception.GetType().Name}: {exception.Message}", exception);
        }
    }

    /// <summary>Arranges a model's endpoints as what is known of other regions wants it now; everything measured stays.</summary>
    /// <returns>Null when it stays as it is.</returns>
    public ServiceModel? Rearrange(ServiceModel model)
    {
        if (model.Spec is null || MapFor(model.Encoded.Service).IsSameFor(model.Instances.Select(static endpoint => endpoint.Region).Distinct(), model.Endpoints.Regions))
        {
            return null;
        }

        return model with { Endpoints = CompileEndpoints(model.Encoded.Service, model.Spec, model.Instances, model) };
    }

    private ServiceModel CompileChecked(
        ServiceSnapshot snapshot, EncodedSnapshot encoded, ServiceModel? previous, Func<ServiceName, ServiceState> backend)
    {
        if (snapshot.Spec?.Hosts.Any(string.IsNullOrEmpty) == true)
        {
            throw new UnusableSnapshotException("one of the hosts is empty");
        }

        // One endpoint that cannot be used costs itself, not the service's other endpoints and its routes.
        var usable = snapshot.Endpoints.Where(IsUsable).ToList();
        var rules = snapshot.Spec is null ? [] : CompileRules(snapshot.Service, snapshot.Spec, previous, backend);
        return new ServiceModel
        {
            Encoded = encoded,
            AppliedAt = time.GetUtcNow(),
            Spec = snapshot.Spec,
            Routes = CompileTable(snapshot.Spec, rules),
            Rules = rules,
            Instances = usable,
            Endpoints = CompileEndpoints(snapshot.Service, snapshot.Spec, usable, previous),
            Client = clients?.For(snapshot.Spec?.Traffic.Connections),
            Retries = CompileRetries(snapshot.Spec, previous),
            RateLimit = LimitCompiler.Compile(snapshot.Service, snapshot.Spec?.Traffic, previous, time),
            CompiledAccess = CompileAccess(snapshot.Service, snapshot.Spec?.Access, previous),
            Namespace = backend(NamespaceSettings.Of(snapshot.Service.Namespace)),
            References = snapshot.Spec is null ? [] : [.. ServiceReferences.Of(snapshot.Service, snapshot.Spec)],
        };
    }

    private RuleModel[] CompileRules(
        ServiceName owner, ServiceSpec spec, ServiceModel? previous, Func<ServiceName, ServiceState> backend)
    {
        var backends = new BackendCompiler(owner, previous, backend);
        return spec.Routes.Count == 0
            ? [CompileRule(new RouteRule { Name = "" }, previous, backends)]
            : [.. spec.Routes.Select(rule => CompileRule(rule, previous, backends))];
    }

    private RuleModel CompileRule(RouteRule rule, ServiceModel? previous, BackendCompiler backends)
    {
        try
        {
            var counters = backends.CountersOf(rule);
            var compiled = backends.Compile(rule);
            return new RuleModel(rule.Name, compiled)
            {
                Sessions = rule.SessionPersistence is { } sessions ? new SessionPolicy(sessions, compiled) : null,
                RequestTimeout = Limit(rule.Timeouts?.Request),
                TryTimeout = Limit(rule.Timeouts?.BackendRequest),
                IdleTimeout = Limit(rule.Timeouts?.Idle),
                HedgeDelay = Limit(rule.Hedge?.Delay),
                RateLimit = LimitCompiler.Compile(rule, previous, time),
                Retry = rule.Retry is null ? null : new RetryRule(rule.Retry),
                Filters = counters is null ? null : RuleFilters.Create(rule, counters, time, random),
                Changes = backends.CompileChanges(rule, rule.Filters),
                FilterCounters = counters,
            };
        }
        catch (ArgumentException exception)
        {
            throw new UnusableSnapshotException($"rule '{rule.Name}': {exception.Message}", exception);
        }
    }

    private static RouteTable CompileTable(ServiceSpec? spec, RuleModel[] rules)
    {
        try
        {
            return new RouteTable(rules.Select((rule, i) => (rule, spec!.Routes.Count == 0 ? null : spec.Routes[i])));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new UnusableSnapshotException($"a match has a pattern that cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Only the proxies of a service enforce its policy. Their callers mostly never look at it, and one that they cannot use
    /// keeps nobody from calling.
    /// </summary>
    private Lazy<AccessModel> CompileAccess(ServiceName service, AccessPolicy? policy, ServiceModel? previous)
    {
        // Endpoints change far more often than who may call.
        if (previous?.Spec is { } held && MeshJson.Same(held.Access, policy))
        {
            return previous.CompiledAccess;
        }

        return service == options?.Service ? new Lazy<AccessModel>(CompileAccess(policy)) : new Lazy<AccessModel>(() => CompileAccess(policy));
    }

    private static AccessModel CompileAccess(AccessPolicy? policy)
    {
        try
        {
            return policy is null ? AccessModel.None : new AccessModel(policy);
        }
        catch (Exception exception)
        {
            throw new UnusableSnapshotException($"access: {exception.Message}", exception);
        }
    }

    /// <summary>What was spent stays spent, unless the budget is another.</summary>
    private RetryAllowance CompileRetries(ServiceSpec? spec, ServiceModel? previous)
    {
        var policy = spec?.Traffic.RetryBudget ?? new RetryBudget();
        return previous?.Retries is { } held && held.Policy == policy ? held : new RetryAllowance(policy, time.TimestampFrequency);
    }

    private EndpointPool CompileEndpoints(ServiceName service, ServiceSpec? spec, IReadOnlyList<Endpoint> endpoints, ServiceModel? previous) => spec is null
        // Rules of other services may still refer to it; what is deleted gets no requests.
        ? new EndpointPool(new ServiceSpec(), [], null, time, random)
        : new EndpointPool(spec, spec.Mtls == MtlsMode.Off ? WithoutIdentity(endpoints) : endpoints, previous?.Endpoints, time, random, place, service.ToString(), poolLogger, MapFor(service));

    /// <summary>Gateways are not reached through gateways.</summary>
    private RegionMap MapFor(ServiceName service) => service == ReservedNames.Gateways ? Regions.Current.Direct : Regions.Current;

    private static bool IsUsable(Endpoint endpoint) =>
        Uri.CheckHostName(endpoint.Host) != UriHostNameType.Unknown && endpoint is { Port: >= 1 and <= 65535, Weight: >= 0 };

    /// <summary>A limit of 0 means none (GEP-1742); one longer than a timer can wait is as good as none.</summary>
    private static TimeSpan? Limit(TimeSpan? limit) => limit > TimeSpan.Zero && limit < LongestTimer ? limit : null;

    private static Endpoint[] WithoutIdentity(IReadOnlyList<Endpoint> endpoints) =>
        [.. endpoints.Select(static endpoint => endpoint with { Identity = null })];
}
