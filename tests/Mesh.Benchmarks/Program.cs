using Mesh.Benchmarks.Cost;
using Mesh.Benchmarks.Fuzz;
using Mesh.Benchmarks.Push;
using Mesh.Benchmarks.Regions;
using Mesh.Benchmarks.Startup;

Dictionary<string, Func<Task>> benchmarks = new()
{
    ["push"] = PushBenchmark.Run,
    ["startup"] = StartupBenchmark.Run,
    ["regions"] = RegionsBenchmark.Run,
    ["cost"] = CostBenchmark.Run,
    ["fuzz"] = FuzzBenchmark.Run,
};

var chosen = args is [] or ["all"] ? [.. benchmarks.Keys] : args;
if (chosen.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"No benchmark is called {unknown}. Choose from: {string.Join(", ", benchmarks.Keys)}, all.");
    return 2;
}

foreach (var name in chosen)
{
    await benchmarks[name]();
}

return 0;
