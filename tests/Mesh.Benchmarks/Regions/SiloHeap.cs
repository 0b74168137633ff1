using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Regions;

/// <summary>The managed heap of a silo, from its metrics.</summary>
internal static class SiloHeap
{
    private const int MaxBodies = 200;

    /// <summary>
    /// In MB (2^20 bytes), without large objects. The collection is brought about with large bodies that the silo refuses:
    /// their buffers are large objects, and too many of those make the runtime collect everything.
    /// </summary>
    public static async Task<double> AfterFullCollection(SiloProcess silo)
    {
        var before = (await Read(silo, "dotnet_gc_collections", "gen2")).Sum();
        var body = new byte[8 << 20];
        Array.Fill(body, (byte)' ');
        for (var i = 0; i < MaxBodies; i++)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await silo.Api.PostAsync("/v1/apply", content);

            // Twice: what the first finds to be finalised goes with the second.
            if ((await Read(silo, "dotnet_gc_collections", "gen2")).Sum() >= before + 2)
            {
                var sizes = await Task.WhenAll(((string[])["gen0", "gen1", "gen2", "poh"])
                    .Select(generation => Read(silo, "dotnet_gc_last_collection_heap_size", generation)));
                return sizes.SelectMany(static size => size).Sum() / (1 << 20);
            }
        }

        throw new InvalidOperationException($"{MaxBodies} large bodies made no full collection");
    }

    private static async Task<IReadOnlyList<double>> Read(SiloProcess silo, string metric, string generation)
    {
        var text = await silo.Api.GetStringAsync("/metrics");
        return
        [
            .. text.Split('\n')
                .Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line.Contains($"\"{generation}\"", StringComparison.Ordinal))
                .Select(static line => double.Parse(line.Split("} ")[1].Split(' ')[0], CultureInfo.InvariantCulture)),
        ];
    }
}
