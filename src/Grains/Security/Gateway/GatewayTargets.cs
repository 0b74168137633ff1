using System.Collections.Frozen;
using Mesh.Abstractions.Grains;
using Microsoft.Extensions.Options;
using Orleans.Metadata;

namespace Mesh.Grains.Security.Gateway;

/// <summary>The grain types that clients may send to: those with an interface that is marked for proxies, and what an Orleans client needs to connect.</summary>
internal sealed class GatewayTargets
{
    /// <summary>Tells a client which grains there are.</summary>
    private const string Manifest = "sys.svc.manifest";

    private readonly FrozenSet<GrainType> _types;

    public GatewayTargets(GrainTypeResolver types, IOptions<GatewayLimits> options) =>
        _types = typeof(GatewayTargets).Assembly.GetTypes()
            .Where(static type => type is { IsClass: true, IsAbstract: false } && typeof(IGrain).IsAssignableFrom(type)
                && type.GetInterfaces().Any(static one => one.IsDefined(typeof(ProxyCallableAttribute), inherit: false)))
            .Select(types.GetGrainType)
            .Append(GrainType.Create(Manifest))
            .Concat(options.Value.MoreGrainTypes.Select(GrainType.Create))
            .ToFrozenSet();

    public bool Contains(GrainType type) => _types.Contains(type);
}
