using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Writes;
using Orleans.Concurrency;

namespace Mesh.Abstractions.Grains;

/// <summary>The owner of one service. Key: <c>namespace/name</c>.</summary>
[Alias("mesh.IServiceGrain")]
public interface IServiceGrain : IGrainWithStringKey
{
    /// <summary>Does one change: checks it, stores it, then pushes it to the proxies.</summary>
    /// <exception cref="StoreUnavailableException">It may or may not have been stored.</exception>
    [Alias("Write"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<WriteResult> Write(WriteRequest request);

    /// <summary>Takes up what a peer region holds of the service, stores it and pushes it. Nothing is done twice.</summary>
    /// <param name="peer">The peer's region.</param>
    /// <param name="record">The record as the peer stored it.</param>
    /// <exception cref="StoreUnavailableException">It may or may not have been stored; ask again.</exception>
    /// <exception cref="InvalidDataException">The bytes are no record of this service, or one of a newer form than this program reads.</exception>
    [Alias("Merge"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<MergeReply> Merge(string peer, Immutable<byte[]> record);

    /// <returns>Null when the service does not exist.</returns>
    [AlwaysInterleave, Alias("Get"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<ServiceView?> Get();

    /// <summary>The changes of the spec, newest first, without the specs themselves.</summary>
    [AlwaysInterleave, Alias("GetRevisions"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<IReadOnlyList<ServiceRevision>> GetRevisions();

    /// <returns>Null when there is no such revision (any more).</returns>
    [AlwaysInterleave, Alias("GetRevision"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<ServiceRevision?> GetRevision(long revision);

    /// <summary>
    /// Subscribes a silo's push hub, or renews its subscription.
    /// </summary>
    /// <returns>
    /// The current snapshot, or null when <paramref name="held"/> is the current one or is newer than what the grain
    /// knows; then the store is asked and the next answer is right.
    /// </returns>
    [AlwaysInterleave, Alias("Watch"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<EncodedSnapshot?> Watch(SiloAddress hub, SnapshotVersion held);

    /// <summary>
    /// Compares with the store. What somebody else stored is taken up; what the store has lost, by being emptied or by
    /// failing over to an older copy, is written back.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store does not answer; what the grain holds stays.</exception>
    [Alias("Refresh"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task Refresh();

    /// <summary>Renews a sidecar's lease, in memory only.</summary>
    /// <returns>False when the endpoint is not registered as the caller describes it: register it again.</returns>
    [AlwaysInterleave, Alias("RenewLease"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<bool> RenewLease(string endpointId, EndpointSpec endpoint);
}
