using System.Text;
using System.Text.Json;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Regions;

/// <summary>Ten thousand services, written through the management API.</summary>
internal static class ManyServices
{
    public const int Count = 10_000;
    public const string Namespace = "many";

    private const int PerDocument = 500;

    /// <summary>Writes all of them, each with one rule.</summary>
    /// <param name="round">Part of the rule, so that every round changes every service.</param>
    /// <param name="endpoints">Given to each; null leaves those it has.</param>
    public static async Task Write(SiloProcess silo, int round, IReadOnlyDictionary<string, object>? endpoints = null)
    {
        foreach (var numbers in Enumerable.Range(0, Count).Chunk(PerDocument))
        {
            var body = JsonSerializer.Serialize(numbers.Select(number => ToItem(number, round, endpoints)));
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await silo.Api.PostAsync("/v1/apply", content);
            if (!answer.IsSuccessStatusCode)
            {
                throw new HttpRequestException($"POST /v1/apply: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }

    public static string NameOf(int number) => $"service-{number}";

    private static Dictionary<string, object> ToItem(int number, int round, IReadOnlyDictionary<string, object>? endpoints)
    {
        var name = NameOf(number);
        var item = new Dictionary<string, object>
        {
            ["namespace"] = Namespace,
            ["name"] = name,
            ["spec"] = new { routes = new[] { new { name = "all", backendRefs = new[] { new { name } }, timeouts = new { request = $"{round + 1}s" } } } },
        };
        if (endpoints is not null)
        {
            item["endpoints"] = endpoints;
        }

        return item;
    }
}
