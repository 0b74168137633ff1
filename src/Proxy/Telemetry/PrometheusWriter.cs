using System.Globalization;
using System.Text;

namespace Mesh.Proxy.Telemetry;

/// <summary>Writes the Prometheus text format, version 0.0.4: a family's header, then all of its series.</summary>
internal sealed class PrometheusWriter
{
    private readonly StringBuilder _text = new();

    /// <param name="type"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
    public void Family(string name, string type, string help) => _text
        .Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n")
        .Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n");

    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    public void Histogram(string name, string labels, LatencyHistogram histogram)
    {
        var separator = labels.Length > 0 ? "," : "";
        var count = 0L;
        for (var i = 0; i < LatencyHistogram.UpperBounds.Length; i++)
        {
            count += histogram.CountOf(i);
            var bound = LatencyHistogram.UpperBounds[i].ToString(CultureInfo.InvariantCulture);
            Sample($"{name}_bucket", $"{labels}{separator}le=\"{bound}\"", count);
        }

        count += histogram.CountOf(LatencyHistogram.UpperBounds.Length);
        Sample($"{name}_bucket", $"{labels}{separator}le=\"+Inf\"", count);
        Sample($"{name}_sum", labels, histogram.Sum);
        Sample($"{name}_count", labels, count);
    }

    /// <summary>Labels in the order given, their values escaped.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length > 0 ? "," : "").Append(name).Append("=\"")
                .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal)
                    .Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }

        return text.ToString();
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(_text.ToString());
}
