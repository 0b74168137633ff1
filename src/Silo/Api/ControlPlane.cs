using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;

namespace Mesh.Silo.Api;

/// <summary>The grains the API talks to.</summary>
internal sealed class ControlPlane(IGrainFactory grains)
{
    public ICatalogGrain Catalog => grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key);

    public IServiceGrain Service(ServiceName service) => grains.GetGrain<IServiceGrain>(service.ToString());
}
