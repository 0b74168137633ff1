using System.Globalization;
using System.Reflection;
using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Grains;
using Mesh.Grains.Links;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Mesh.Silo.Api.Documents;

namespace Mesh.Contracts.Tests.Description;

/// <summary>Everything that leaves a process, as lines of text.</summary>
internal static class Contract
{
    private static readonly Assembly[] Assemblies = [typeof(MeshJson).Assembly, typeof(MeshRegion).Assembly];

    /// <summary>The outermost types of what is stored, or read by other programs. Those of calls are found by themselves.</summary>
    private static readonly Type[] Documents =
    [
        typeof(ServiceRecord), typeof(CatalogEntry), typeof(ServiceRevision), typeof(LinkCursor), typeof(ServiceSnapshot),
        typeof(GatewayList), typeof(ApplyFile), typeof(EndpointSpec), typeof(AuditEntry),
    ];

    public static IReadOnlyList<ContractLine> Current { get; } =
    [
        .. WireContract.Describe(Assemblies)
            .Concat(JsonContract.Describe([.. Documents, .. WireContract.JsonTypes(Assemblies)]))
            .Concat(WireContract.JsonTypes(Assemblies).Select(static type => new ContractLine($"name {type.Name}", $"{type.FullName},{type.Assembly.GetName().Name}")))
            .Concat(Redis())
            .Distinct()
            .OrderBy(static line => line.Subject, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<ContractLine> Recorded(int contract) =>
        [.. File.ReadLines(ContractFolder.PathOf(contract, "contract.txt")).Select(ContractLine.Parse)];

    private static IEnumerable<ContractLine> Redis()
    {
        var keys = new RedisKeys("eu");
        var service = new ServiceName("shop", "web");
        yield return new ContractLine("redis shards", RedisKeys.Shards.ToString(CultureInfo.InvariantCulture));
        yield return new ContractLine("redis service shop/web", keys.Service(service).ToString());
        yield return new ContractLine("redis revisions shop/web", keys.Revisions(service).ToString());
        yield return new ContractLine("redis catalog", keys.Catalog(3).ToString());
        yield return new ContractLine("redis log", keys.Log(3).ToString());
        yield return new ContractLine("redis sequence", keys.Sequence(3).ToString());
        yield return new ContractLine("redis digests", keys.Digests(3).ToString());
        yield return new ContractLine("redis link", keys.Link("us").ToString());
        yield return new ContractLine("redis audit accepted", keys.Audit(AuditList.Accepted).ToString());
        yield return new ContractLine("redis audit refused", keys.Audit(AuditList.Refused).ToString());
        yield return new ContractLine("redis changes", keys.Changes.ToString());
        yield return new ContractLine("redis format", ServiceRecord.BasicFormat.ToString(CultureInfo.InvariantCulture));
    }
}
