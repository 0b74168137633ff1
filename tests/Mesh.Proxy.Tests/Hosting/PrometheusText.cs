using System.Text.RegularExpressions;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>Checks the grammar of the Prometheus text format.</summary>
internal static partial class PrometheusText
{
    public static void AssertValid(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var families = new HashSet<string>();
        var series = new HashSet<string>();
        var current = "";
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                current = line.Split(' ')[2];
                Assert.True(families.Add(current), $"the family {current} comes twice");
            }
            else if (!line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.Matches(Sample(), line);
                Assert.StartsWith(current, line, StringComparison.Ordinal);
                Assert.True(series.Add(line[..line.LastIndexOf(' ')]), $"the series comes twice: {line}");
            }
        }
    }

    [GeneratedRegex("""^[a-z_]+(\{[a-z_]+="([^"\\\n]|\\[\\"n])*"(,[a-z_]+="([^"\\\n]|\\[\\"n])*")*\})? [0-9.E+-]+$""")]
    private static partial Regex Sample();
}
