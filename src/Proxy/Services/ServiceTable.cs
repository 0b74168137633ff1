using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Regions;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Regions;

namespace Mesh.Proxy.Services;

/// <summary>
/// The services this proxy knows. Requests read it without a lock; snapshots are applied one at a time, from any
/// thread and in any order.
/// </summary>
internal sealed partial class ServiceTable(
    string ownNamespace, ServiceModelCompiler compiler, TimeProvider time, ILogger<ServiceTable> logger)
{
    /// <summary>11 min: longer than a service that is called stays subscribed to without a request.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromMinutes(11);

    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<ServiceName, ServiceState> _services = new();
    private readonly HostIndex _hosts = new(ownNamespace);

    /// <summary>A service has a new model. Raised after the swap, on the thread that applied it; several threads may raise it at once.</summary>
    public event Action<ServiceState>? Changed;

    /// <summary>Every service, also those of which nothing but the name is known, in no order.</summary>
    public IEnumerable<ServiceState> All => _services.Values;

    /// <summary>Finds a service by host, without port and trailing dot. Neither locks nor allocates.</summary>
    public bool TryFind(ReadOnlySpan<char> host, [MaybeNullWhen(false)] out ServiceState service) =>
        _hosts.TryFind(host, out service);

    public bool TryGet(ServiceName name, [MaybeNullWhen(false)] out ServiceState service) =>
        _services.TryGetValue(name, out service);

    public ServiceState GetOrAdd(ServiceName name)
    {
        if (_services.TryGetValue(name, out var known))
        {
            return known;
        }

        lock (_writing)
        {
            return GetOrAddWhileWriting(name);
        }
    }

    /// <summary>
    /// Uses a snapshot from now on, if it is newer, or, when it is authoritative, if it is another: the control plane
    /// may go back after its store lost writes. One that cannot be used changes nothing.
    /// </summary>
    /// <param name="isAuthoritative">It answers a renewal; else it is a push, which may be late.</param>
    /// <param name="decoded">What it says, where <see cref="ServiceModelCompiler.Decode"/> was asked already.</param>
    public PushAck Apply(EncodedSnapshot snapshot, bool isAuthoritative, ServiceSnapshot? decoded = null)
    {
        var state = GetOrAdd(snapshot.Service);
        if (!IsWanted(state, snapshot.Version, isAuthoritative))
        {
            return new PushAck(state.Version, state.Rejected);
        }

        try
        {
            decoded ??= ServiceModelCompiler.Decode(snapshot);
            lock (_writing)
            {
                // Another thread may have been faster, or have forgotten the service.
                state = GetOrAddWhileWriting(snapshot.Service);
                if (!IsWanted(state, snapshot.Version, isAuthoritative))
                {
                    return new PushAck(state.Version, state.Rejected);
                }

                var held = state.Model;
                var model = compiler.Compile(decoded, snapshot, held, GetOrAddWhileWriting);
                state.Swap(model);
                UpdateAliases(held, model);
                if (state.Name == ReservedNames.Gateways)
                {
                    compiler.Regions.UseGateways(model.Instances);
                    RearrangeWhileWriting();
                }
            }
        }
        catch (UnusableSnapshotException exception)
        {
            LogRejected(snapshot.Service, snapshot.Version.Revision, state.Version.Revision, exception.Message);
            var rejected = new RejectedSnapshot(snapshot.Version.Revision, exception.Message);
            state.Reject(rejected);
            return new PushAck(state.Version, rejected);
        }

        LogApplied(snapshot.Service, snapshot.Version.Revision);
        Changed?.Invoke(state);
        return new PushAck(state.Version, null);
    }

    /// <summary>What is known of other regions, which services' endpoints are arranged by.</summary>
    public RegionState Regions => compiler.Regions;

    /// <summary>Uses what the control plane tells of other regions from now on.</summary>
    /// <inheritdoc cref="RegionState.Update" path="/param"/>
    public void UseRegions(IReadOnlyList<RegionReach>? told)
    {
        if (compiler.Regions.Update(told))
        {
            lock (_writing)
            {
                RearrangeWhileWriting();
            }
        }
    }

    /// <summary>
    /// Forgets the services of which there is nothing to know, such as deleted ones, that no rule refers to and nobody has
    /// asked for of late. Who still holds one does no harm: it stays as it was, and who asks by name gets another.
    /// </summary>
    public void Sweep()
    {
        var now = time.GetTimestamp();
        lock (_writing)
        {
            var referred = new HashSet<ServiceName>();
            foreach (var model in _services.Values.Select(static state => state.Model).OfType<ServiceModel>())
            {
                referred.Add(model.Namespace.Name);
                referred.UnionWith(model.References);
            }

            foreach (var (name, state) in _services)
            {
                if (state is { IsLive: false, IsBusy: false, Model: null or { IsDeleted: true } }
                    && time.GetElapsedTime(state.LastUsed, now) > Keep
                    && !referred.Contains(name))
                {
                    _services.TryRemove(name, out _);
                    _hosts.RemoveName(state);
                    LogForgotten(name);
                }
            }
        }
    }

    private static bool IsWanted(ServiceState state, SnapshotVersion version, bool isAuthoritative) => isAuthoritative
        ? version != state.Version
        : state.Model is null || version.Revision > state.Version.Revision;

    private ServiceState GetOrAddWhileWriting(ServiceName name)
    {
        if (_services.TryGetValue(name, out var known))
        {
            return known;
        }

        var state = new ServiceState(name, time.GetTimestamp());
        _services[name] = state;
        if (!NamespaceSettings.IsRecord(name))
        {
            _hosts.AddName(state);
        }

        return state;
    }

    private void RearrangeWhileWriting()
    {
        foreach (var state in _services.Values)
        {
            if (state.Model is { } model && compiler.Rearrange(model) is { } rearranged)
            {
                state.Rearrange(rearranged);
            }
        }
    }

    private void UpdateAliases(ServiceModel? before, ServiceModel? after)
    {
        var old = before?.Spec?.Hosts ?? [];
        var current = after?.Spec?.Hosts ?? [];
        foreach (var host in old.Except(current).Concat(current.Except(old)))
        {
            _hosts.SetAlias(host, _services.Values);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Service} is at revision {Revision}")]
    private partial void LogApplied(ServiceName service, long revision);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Service} is forgotten: it does not exist, and nobody asks for it")]
    private partial void LogForgotten(ServiceName service);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} stays at revision {Held}: revision {Revision} cannot be used: {Reason}")]
    private partial void LogRejected(ServiceName service, long revision, long held, string reason);
}
