using Grpc.Core;

namespace Mesh.Samples.Pricing;

internal sealed class PriceListService : PriceList.PriceListBase
{
    private static readonly Dictionary<string, int> Cents = new()
    {
        ["apple"] = 120,
        ["cherry"] = 390,
        ["pear"] = 150,
        ["plum"] = 280,
        ["quince"] = 210,
    };

    public override Task<PricesReply> GetPrices(PricesRequest request, ServerCallContext context)
    {
        var reply = new PricesReply();
        foreach (var article in request.Articles)
        {
            if (Cents.TryGetValue(article, out var cents))
            {
                reply.Prices.Add(new Price { Article = article, Cents = cents });
            }
        }

        return Task.FromResult(reply);
    }
}
