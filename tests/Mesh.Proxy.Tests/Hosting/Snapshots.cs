using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>Snapshots in few words.</summary>
internal static class Snapshots
{
    public static EncodedSnapshot Of(string service, long revision, ServiceSpec? spec, params Endpoint[] endpoints) =>
        EncodedSnapshot.From(new ServiceSnapshot
        {
            Service = ServiceName.Parse(service),
            Revision = revision,
            Spec = spec,
            Endpoints = endpoints,
        });

    public static Endpoint At(int port, string id = "e1", int weight = 1, ServiceProtocol? protocol = null) => new()
    {
        Id = id,
        Host = "127.0.0.1",
        Port = port,
        Region = "local",
        Weight = weight,
        Protocol = protocol,
    };

    public static ServiceSpec Rules(params RouteRule[] rules) => new() { Routes = rules };

    public static RouteRule Rule(string name, params RouteMatch[] matches) => new() { Name = name, Matches = matches };

    public static RouteMatch Path(PathMatchType type, string value) => new() { Path = new PathMatch { Type = type, Value = value } };

    public static RouteMatch Prefix(string value) => Path(PathMatchType.PathPrefix, value);
}
