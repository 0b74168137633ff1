using System.Globalization;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Reads a proxy's <c>/metrics</c>.</summary>
internal sealed class ProxyMetrics
{
    private readonly string[] _lines;

    private ProxyMetrics(string text) => _lines = text.Split('\n');

    public static async Task<ProxyMetrics> Read(ProxyProcess proxy) => new(await proxy.Admin.GetStringAsync("/metrics"));

    /// <summary>The sum over the series of a family that have all of these labels, each such as <c>service="shop/web"</c>.</summary>
    public double Sum(string family, params string[] labels) => _lines
        .Where(line => line.StartsWith(family + "{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
