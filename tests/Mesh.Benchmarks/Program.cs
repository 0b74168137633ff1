using Mesh.Benchmarks.Cost;
using Mesh.Benchmarks.Fuzz;
using Mesh.Benchmarks.Identity;
using Mesh.Benchmarks.Push;
using Mesh.Benchmarks.Regions;
using Mesh.Benchmarks.Startup;

Dictionary<string, Func<Task>> benchmarks = new()
{
    ["push"] = PushBenchmark.Run,
    ["startup"] = StartupBenchmark.Run,
    ["lag"] = RegionLag.Run,
    ["catchup"] = CatchUp.Run,
    ["stored"] = ManyStored.Run,
    ["cost"] = CostBenchmark.Run,
    ["mtls"] = MutualTlsBenchmark.Run,
    ["access"] = AccessBenchmark.Run,
    ["fuzz"] = FuzzBenchmark.Run,
};

string[] regions = ["lag", "catchup", "stored"];
string[] chosen = args is [] or ["all"] ? [.. benchmarks.Keys] : [.. args.SelectMany(name => name == "regions" ? regions : [name])];
if (chosen.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"No benchmark is called {unknown}. Choose from: {string.Join(", ", benchmarks.Keys)}, regions ({string.Join(", ", regions)}), all.");
    return 2;
}

foreach (var name in chosen)
{
    await benchmarks[name]();
}

return 0;
