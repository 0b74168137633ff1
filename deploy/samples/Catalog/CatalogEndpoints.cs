using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Samples.Calls;
using Mesh.Samples.Pricing;

namespace Mesh.Samples.Catalog;

/// <summary>What the shop sells. Version 2 has two articles more, so that one sees which version answered.</summary>
internal static class CatalogEndpoints
{
    private static readonly string[] First = ["apple", "pear", "plum"];
    private static readonly string[] Second = [.. First, "cherry", "quince"];

    public static void AddCatalog(this WebApplicationBuilder builder)
    {
        builder.Services.AddSidecarGrpcChannel("pricing");
        builder.Services.AddSingleton(provider => new PriceList.PriceListClient(provider.GetRequiredService<GrpcChannel>()));
    }

    public static void MapCatalog(this WebApplication app)
    {
        app.MapGet("/items", ListItems);
        app.MapGet("/healthz", () => "ok");
    }

    private static async Task<IResult> ListItems(
        SampleOptions options, PriceList.PriceListClient pricing, TimeProvider time, CancellationToken cancellationToken)
    {
        var request = new PricesRequest { Articles = { options.Version == "v1" ? First : Second } };
        try
        {
            var reply = await pricing.GetPricesAsync(
                request, deadline: time.GetUtcNow().UtcDateTime.AddSeconds(3), cancellationToken: cancellationToken);
            return Results.Ok(new CatalogPage(options.Version, [.. reply.Prices.Select(Item)]));
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return Results.Text($"pricing answered {exception.StatusCode}: {exception.Status.Detail}\n", statusCode: 502);
        }
    }

    private static CatalogItem Item(Price price) =>
        new(price.Article, (price.Cents / 100m).ToString("0.00", CultureInfo.InvariantCulture));
}
