using Orleans.Configuration;

namespace Mesh.Silo.Cluster;

/// <summary>
/// Timings with which the grains of a killed silo answer elsewhere in about two seconds, instead of Orleans' fourteen:
/// a push that is late by that much is the price of every silo's death.
/// </summary>
internal static class ClusterTimings
{
    public static ISiloBuilder UseMeshTimings(this ISiloBuilder silo)
    {
        silo.Configure<ClusterMembershipOptions>(static membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.MinProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
            membership.NumVotesForDeathDeclaration = 1;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);

            // A silo that was killed and comes back under another address waits for these before it may join.
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        silo.Configure<SiloMessagingOptions>(static messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(3);

            // What waits in memory for a proxy that is gone.
            messaging.ClientDropTimeout = TimeSpan.FromSeconds(15);
            messaging.MaxMessageBodySize = 32 << 20;
        });
        silo.Configure<ConnectionOptions>(static connection =>
        {
            connection.ConnectionRetryDelay = TimeSpan.FromMilliseconds(250);
            connection.OpenConnectionTimeout = TimeSpan.FromSeconds(1);
        });
        return silo;
    }
}
