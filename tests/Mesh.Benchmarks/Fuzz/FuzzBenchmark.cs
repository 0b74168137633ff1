using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Mesh.Benchmarks.Measuring;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Fuzz;

/// <summary>
/// Damaged bodies against every write of the management API. None may give a 5xx, and none that is refused may change
/// anything: everything the API exports is compared before and after each.
/// </summary>
internal static class FuzzBenchmark
{
    private const int Requests = 12_000;
    private const int ShownSamples = 5;

    public static async Task Run()
    {
        Report.Title("Fuzz: damaged bodies against every write");
        var seed = Environment.GetEnvironmentVariable("MESH_FUZZ_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Random.Shared.Next();
        var random = new Random(seed);
        var mutator = new Mutator(random);
        await using var silo = await SiloProcess.Ready();
        await Restore(silo);

        var statuses = new SortedDictionary<int, int>();
        var problems = new List<string>();
        var state = await Export(silo);
        for (var request = 0; request < Requests; request++)
        {
            var target = WriteTargets.All[request % WriteTargets.All.Count];
            var body = mutator.Mutate(target.Body);
            var isDryRun = random.Next(8) == 0;
            var status = await Send(silo, target with { Path = isDryRun ? $"{target.Path}?dryRun=true" : target.Path }, body, random);
            statuses[status] = statuses.GetValueOrDefault(status) + 1;

            var isAccepted = status is >= 200 and <= 299 && !isDryRun;
            var after = await Export(silo);
            if (status >= 500 || (!isAccepted && after != state))
            {
                var what = status >= 500 ? $"answered {status}" : $"answered {status} and changed the state";
                problems.Add($"{target.Method} {target.Path} {what}: {Shorten(body)}");
            }

            if (isAccepted)
            {
                await Restore(silo);
                after = await Export(silo);
            }

            state = after;
        }

        Report.Table(
            ["requests", "seed", "5xx or changed state", "statuses"],
            [$"{Requests}", $"{seed}", $"{problems.Count}", string.Join(", ", statuses.Select(pair => $"{pair.Key}: {pair.Value}"))]);
        foreach (var problem in problems.Take(ShownSamples))
        {
            Console.WriteLine($"  {problem}");
        }
    }

    private static async Task Restore(SiloProcess silo)
    {
        foreach (var target in WriteTargets.Restoration)
        {
            using var request = new HttpRequestMessage(target.Method, target.Path)
            {
                Content = new StringContent(target.Body, Encoding.UTF8, target.ContentType),
            };
            using var answer = await silo.Api.SendAsync(request);
            if (!answer.IsSuccessStatusCode)
            {
                throw new HttpRequestException($"{target.Path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }

    private static async Task<string> Export(SiloProcess silo)
    {
        using var answer = await silo.Api.GetAsync("/v1/export");
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<int> Send(SiloProcess silo, WriteTarget target, byte[] body, Random random)
    {
        using var request = new HttpRequestMessage(target.Method, target.Path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = random.Next(50) == 0 ? null : MediaTypeHeaderValue.Parse(target.ContentType);
        if (random.Next(20) == 0)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ((string[])["\"1\"", "1", "W/\"1\"", "\"\"", "*", "\"x\", \"y", "\"99999999999999999999\""])[random.Next(7)]);
        }

        using var answer = await silo.Api.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static string Shorten(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body).ReplaceLineEndings(" ");
        return text.Length > 300 ? $"{text[..300]}... ({body.Length} bytes)" : text;
    }
}
