using System.Globalization;

namespace Mesh.EndToEnd.Tests;

/// <summary>Reads <c>/metrics</c> of a silo or, by its admin port, of a proxy.</summary>
internal sealed class MetricsPage
{
    private readonly string[] _lines;

    private MetricsPage(string text) => _lines = text.Split('\n');

    public static async Task<MetricsPage> Read(HttpClient process) => new(await process.GetStringAsync("/metrics"));

    /// <summary>The sum over the series of a family that have all of these labels, each such as <c>service="shop/web"</c>.</summary>
    public double Sum(string family, params string[] labels) => _lines
        .Where(line => line.StartsWith(family + "{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
