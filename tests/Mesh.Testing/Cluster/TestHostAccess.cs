using Mesh.Grains.Security;
using Mesh.Grains.Security.Gateway;

namespace Mesh.Testing.Cluster;

public static class TestHostAccess
{
    /// <summary>Lets Orleans' test host ask the silo how it is, as a client; and lets its one client speak for every proxy of a test.</summary>
    public static ISiloBuilder AllowTestHost(this ISiloBuilder silo)
    {
        silo.Configure<ProxyCallOptions>(static options => options.ClientInterfaces.Add("Orleans.Runtime.TestHooks.ITestHooks"));
        silo.Configure<GatewayLimits>(static limits =>
        {
            limits.MoreGrainTypes.Add("sys.svc.test.hooks");
            limits.MaxProxiesPerClient = 1000;
        });
        return silo;
    }
}
