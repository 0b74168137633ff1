using System.Globalization;
using System.Text;
using Mesh.Samples.Calls;
using Mesh.Samples.Catalog;

namespace Mesh.Samples.Web;

/// <summary>The shop's front page, as plain text.</summary>
internal static class WebEndpoints
{
    public static void AddWeb(this WebApplicationBuilder builder) => builder.Services.AddSidecarHttpClient();

    public static void MapWeb(this WebApplication app)
    {
        app.MapGet("/", ShowShop);
        app.MapGet("/healthz", () => "ok");
    }

    private static async Task<IResult> ShowShop(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync("http://catalog/items", cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                var reason = await answer.Content.ReadAsStringAsync(cancellationToken);
                return Failed($"catalog answered {(int)answer.StatusCode}: {reason.Trim()}");
            }

            var catalog = await answer.Content.ReadFromJsonAsync<CatalogPage>(cancellationToken);
            return Results.Text(Page(catalog!));
        }
        catch (HttpRequestException exception)
        {
            return Failed($"the sidecar cannot be reached: {exception.Message}");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed("catalog did not answer in time");
        }
    }

    private static IResult Failed(string why) => Results.Text($"The shop is closed: {why}\n", statusCode: 502);

    private static string Page(CatalogPage catalog)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"The shop, by catalog {catalog.Version}:\n");
        foreach (var item in catalog.Items)
        {
            page.Append(CultureInfo.InvariantCulture, $"  {item.Article,-8} {item.Price,6}\n");
        }

        return page.ToString();
    }
}
