using System.Text;
using Mesh.Proxy.Telemetry;
using Mesh.Proxy.Tests.Hosting;

namespace Mesh.Proxy.Tests.Telemetry;

public sealed class PrometheusWriterTests
{
    [Fact]
    public void Escapes_label_values()
    {
        var writer = new PrometheusWriter();
        writer.Family("a_total", "counter", "What it is.");
        writer.Sample("a_total", PrometheusWriter.Labels(("x", "back\\slash"), ("y", "quote\"\nline")), 1.5);

        var text = Encoding.UTF8.GetString(writer.ToBytes());

        Assert.Equal("# HELP a_total What it is.\n# TYPE a_total counter\na_total{x=\"back\\\\slash\",y=\"quote\\\"\\nline\"} 1.5\n", text);
        PrometheusText.AssertValid(text);
    }

    [Fact]
    public void Buckets_are_cumulative_and_their_bounds_inclusive()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromMilliseconds(1));
        histogram.Record(TimeSpan.FromMilliseconds(30));
        histogram.Record(TimeSpan.FromMinutes(1));
        var writer = new PrometheusWriter();

        writer.Histogram("d", "", histogram);

        var text = Encoding.UTF8.GetString(writer.ToBytes());
        Assert.Contains("d_bucket{le=\"0.001\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("d_bucket{le=\"0.025\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("d_bucket{le=\"0.05\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("d_bucket{le=\"10\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("d_bucket{le=\"+Inf\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("d_sum 60.031\n", text, StringComparison.Ordinal);
        Assert.Contains("d_count 3\n", text, StringComparison.Ordinal);
    }
}
