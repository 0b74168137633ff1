using System.Text;
using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Regions;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Push;

namespace Mesh.Contracts.Tests.Recording;

/// <summary>One value, with every field set, of each type that calls carry.</summary>
internal static class WireSamples
{
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RejectedSnapshot Rejected = new(6, "a rule cannot be used");
    private static readonly EndpointSpec Endpoint = new() { Host = "10.0.0.7", Port = 8080, Zone = "a", Weight = 3, Labels = new Dictionary<string, string> { ["version"] = "1" }, State = EndpointState.Draining };
    private static readonly ServiceSpec Spec = new() { Hosts = ["web.example"], Traffic = new TrafficPolicy { RetryBudget = new RetryBudget { Percent = 30 } } };
    private static readonly ProxyInfo Proxy = new() { Id = "p1", Namespace = "shop", Zone = "a", Service = Web, Version = "0.1.0", StartedAt = At };
    private static readonly EncodedSnapshot Snapshot = EncodedSnapshot.FromJson(Web, 7, Encoding.UTF8.GetBytes("""{"service":"shop/web","revision":7}"""));

    public static IReadOnlyDictionary<string, object> All { get; } = new Dictionary<string, object>
    {
        ["RenewRequest"] = new RenewRequest { Proxy = Proxy, Held = [new HeldSnapshot(Web, new SnapshotVersion(7, 99), Rejected)], IsComplete = true, Sequence = 12 },
        ["RenewReply"] = new RenewReply { Changed = [Snapshot], Unknown = [new ServiceName("shop", "none")], Unavailable = [new ServiceName("shop", "away")] },
        ["EncodedSnapshot"] = Snapshot,
        ["PushAck"] = new PushAck(new SnapshotVersion(5, 3), Rejected),
        ["ResolvedAuthority"] = new ResolvedAuthority(Web),
        ["RateDemand"] = new RateDemand { Wanted = 0.5, Held = 0.25 },
        ["RateShare"] = new RateShare { Part = 0.5, ValidFor = TimeSpan.FromSeconds(1) },
        ["ProxyView"] = new ProxyView
        {
            Proxy = Proxy, Gateway = "S1", LastSeenAt = At, Connected = true,
            Subscriptions = [new ProxySubscriptionView { Service = Web, CurrentRevision = 7, AppliedRevision = 5, Rejected = Rejected }],
        },
        ["GatewayAddress"] = new GatewayAddress("S1", "10.0.0.1:30000", 4),
        ["MergeReply"] = new MergeReply(true, 2, TimeSpan.FromSeconds(3)),
        ["RegionLinkView"] = new RegionLinkView
        {
            Region = "us", State = RegionLinkState.Following, LagEntries = 3, LagSeconds = 1.5, InSyncAt = At, ClockSkewSeconds = -0.5, Rejected = 1,
            LastError = "refused", LastErrorAt = At,
        },
        ["EndpointSpec"] = Endpoint,
        ["CatalogEntry"] = new CatalogEntry { Service = Web, Revision = 7, SpecRevision = 5, Hosts = ["web.example"], Rules = 2, Endpoints = 3, Deleted = true },
        ["ExplainRequest"] = new ExplainRequest { Authority = "web.shop", Method = "PUT", Path = "/a?b", Headers = new Dictionary<string, string> { ["x"] = "y" }, Source = "10.0.0.1", Proxy = "p1" },
        ["Explanation"] = new Explanation { Proxy = "p1", Service = Web, Revision = 7, Rules = [new RuleExplanation { Rule = "all", Match = 0, Matches = true }], Tries = 1 },
        ["WriteRequest"] = new WriteRequest { Command = new PutSpec(Spec), Precondition = new Precondition { IfMatch = [7] }, DryRun = true, Author = "api", By = "token:ci", From = "10.0.0.7" },
        ["WriteRequest.ApplyDocument"] = new WriteRequest { Command = new ApplyDocument(Spec, new Dictionary<string, EndpointSpec> { ["web-1"] = Endpoint }), Author = "api" },
        ["WriteRequest.PutEndpoint"] = new WriteRequest { Command = new PutEndpoint("web-1", Endpoint, EndpointSource.Sidecar), Author = "proxy:p1" },
        ["WriteResult"] = new WriteResult
        {
            Status = WriteStatus.Stored, Created = true, ResourceRevision = 7,
            Service = new ServiceView { Service = Web, Revision = 7, SpecRevision = 7, UpdatedAt = At, Spec = Spec },
        },
        ["ServiceRevision"] = new ServiceRevision { Revision = 7, At = At, Author = "api", By = "token:ci", From = "10.0.0.7", Change = "put spec", Spec = Spec },
        ["StoreUnavailableException"] = new StoreUnavailableException("the store is away"),
    };
}
