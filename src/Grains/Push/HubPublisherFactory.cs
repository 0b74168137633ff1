using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Push;

internal sealed class HubPublisherFactory(
    IPushHubClient hubs,
    IClusterMembershipService membership,
    ILogger<HubPublisher> logger)
{
    public HubPublisher Create() => new(hubs, membership, logger);
}
