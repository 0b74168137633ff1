using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Samples.Pricing;

/// <summary>The price list, and the gRPC health protocol beside it.</summary>
internal static class PricingEndpoints
{
    public static void AddPricing(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc();
        builder.Services.AddGrpcHealthChecks().AddCheck("prices", () => HealthCheckResult.Healthy());
    }

    public static void MapPricing(this WebApplication app)
    {
        app.MapGrpcService<PriceListService>();
        app.MapGrpcHealthChecksService();
    }
}
