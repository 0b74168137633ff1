using System.Collections.Concurrent;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.ControlPlane;

/// <summary>
/// Takes snapshots into use, each only when the services that its rules send requests to are known: so a change made while
/// part of the control plane is down fails no request.
/// </summary>
internal sealed partial class SnapshotReceiver(ServiceTable table, WantedServices wanted, TimeProvider time, ILogger logger)
{
    /// <summary>How long a change waits, over several attempts, for a service it refers to and that cannot be asked.</summary>
    private static readonly TimeSpan PostponementLimit = WantedServices.FetchedValidity;

    /// <summary>Services the control plane has never heard of, as of the last time it was asked.</summary>
    private readonly ConcurrentDictionary<ServiceName, bool> _unknown = new();

    /// <summary>Since when a service's change has been waiting for those it refers to.</summary>
    private readonly ConcurrentDictionary<ServiceName, long> _postponed = new();

    /// <summary>Some change waits.</summary>
    public bool IsWaiting => !_postponed.IsEmpty;

    public bool IsUnknown(ServiceName service) => _unknown.ContainsKey(service);

    /// <summary>The control plane was asked for some services.</summary>
    /// <param name="unknown">Those of them that it has never heard of.</param>
    public void Heard(IEnumerable<ServiceName> asked, IEnumerable<ServiceName> unknown)
    {
        foreach (var service in asked)
        {
            _unknown.TryRemove(service, out _);
        }

        foreach (var service in unknown)
        {
            _unknown[service] = true;
            if (service == wanted.OwnSettings)
            {
                // Older than anything that is held, and kept like it: after a restart without control plane nobody has to ask.
                table.Apply(EncodedSnapshot.From(new ServiceSnapshot { Service = service, Revision = 0 }), isAuthoritative: false);
            }
        }
    }

    /// <summary>
    /// Uses a snapshot, unless it sends requests to a service of which nothing is known yet: then the one before stays
    /// in use for a while, and the next renewal brings it again.
    /// </summary>
    public PushAck Apply(EncodedSnapshot snapshot, bool isAuthoritative)
    {
        var state = table.GetOrAdd(snapshot.Service);
        if (state.Model is { IsDeleted: false } && Missing(snapshot).FirstOrDefault() is { Name: not null } missing)
        {
            var since = _postponed.GetOrAdd(snapshot.Service, time.GetTimestamp());
            if (time.GetElapsedTime(since) < PostponementLimit)
            {
                LogPostponed(snapshot.Service, snapshot.Version.Revision, missing);
                return new PushAck(state.Version, new RejectedSnapshot(snapshot.Version.Revision, $"waiting for {missing}, which it refers to"));
            }
        }

        _postponed.TryRemove(snapshot.Service, out _);
        return table.Apply(snapshot, isAuthoritative);
    }

    /// <summary>The services a snapshot refers to that may exist and of which nothing is known here.</summary>
    public IEnumerable<ServiceName> Missing(EncodedSnapshot snapshot) =>
        wanted.IsCalled(snapshot.Service) ? SnapshotReferences.Of(snapshot).Where(IsMissing) : [];

    /// <summary>It may exist, and nothing is known of it here.</summary>
    public bool IsMissing(ServiceName service) => !IsUnknown(service) && !(table.TryGet(service, out var state) && state.Model is not null);

    [LoggerMessage(2025, LogLevel.Information, "{Service} revision {Revision} waits for {Missing}, which it refers to")]
    private partial void LogPostponed(ServiceName service, long revision, ServiceName missing);
}
