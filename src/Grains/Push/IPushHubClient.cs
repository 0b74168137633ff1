using Orleans.Services;

namespace Mesh.Grains.Push;

/// <summary>Reaches the push hub of any silo.</summary>
public interface IPushHubClient : IGrainServiceClient<IPushHub>
{
    IPushHub At(SiloAddress silo);
}
