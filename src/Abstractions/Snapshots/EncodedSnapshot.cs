using System.IO.Hashing;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Orleans.Concurrency;

namespace Mesh.Abstractions.Snapshots;

/// <summary>A snapshot encoded once (UTF-8 JSON) and shared by everyone it is sent to. The bytes are never changed.</summary>
[GenerateSerializer, Immutable, Alias("mesh.EncodedSnapshot")]
public sealed record EncodedSnapshot(
    [property: Id(0)] ServiceName Service,
    [property: Id(1)] SnapshotVersion Version,
    [property: Id(2)] Immutable<byte[]> Json)
{
    public static EncodedSnapshot From(ServiceSnapshot snapshot) =>
        FromJson(snapshot.Service, snapshot.Revision, MeshJson.Encode(snapshot));

    public static EncodedSnapshot FromJson(ServiceName service, long revision, byte[] json) =>
        new(service, new SnapshotVersion(revision, XxHash3.HashToUInt64(json)), new Immutable<byte[]>(json));

    /// <exception cref="System.Text.Json.JsonException">The bytes are not a snapshot.</exception>
    public ServiceSnapshot Decode() => MeshJson.Decode<ServiceSnapshot>(Json.Value);
}
