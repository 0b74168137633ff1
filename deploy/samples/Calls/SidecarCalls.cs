using System.Net;
using Grpc.Net.Client;

namespace Mesh.Samples.Calls;

/// <summary>The two ways in which the samples call each other through the sidecar beside them.</summary>
internal static class SidecarCalls
{
    /// <summary>
    /// An HTTP client whose proxy is the sidecar, so that addresses are names of services: <c>http://catalog/items</c>.
    /// The environment variable <c>http_proxy</c> does the same without a line of code.
    /// </summary>
    public static IServiceCollection AddSidecarHttpClient(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton(provider => new HttpClient(new TraceHeaders(provider.GetRequiredService<IHttpContextAccessor>())
        {
            InnerHandler = new SocketsHttpHandler
            {
                Proxy = new WebProxy(provider.GetRequiredService<SampleOptions>().Outbound),
                AllowAutoRedirect = false,
                UseCookies = false,
                ActivityHeadersPropagator = null,
            },
        })
        {
            Timeout = TimeSpan.FromSeconds(5),
        });
        return services;
    }

    /// <summary>A gRPC channel to the sidecar that asks for <paramref name="service"/>.</summary>
    public static IServiceCollection AddSidecarGrpcChannel(this IServiceCollection services, string service)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton(provider => GrpcChannel.ForAddress(
            provider.GetRequiredService<SampleOptions>().Outbound,
            new GrpcChannelOptions
            {
                HttpHandler = new TraceHeaders(provider.GetRequiredService<IHttpContextAccessor>())
                {
                    InnerHandler = new AuthorityHeader(service)
                    {
                        InnerHandler = new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null },
                    },
                },
                DisposeHttpClient = true,
            }));
        return services;
    }
}
