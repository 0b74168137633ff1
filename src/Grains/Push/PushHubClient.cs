using Orleans.Runtime.Services;

namespace Mesh.Grains.Push;

internal sealed class PushHubClient(IServiceProvider services) : GrainServiceClient<IPushHub>(services), IPushHubClient
{
    public IPushHub At(SiloAddress silo) => GetGrainService(silo);
}
