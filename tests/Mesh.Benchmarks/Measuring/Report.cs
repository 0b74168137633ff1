using System.Globalization;

namespace Mesh.Benchmarks.Measuring;

/// <summary>Prints results as aligned columns.</summary>
internal static class Report
{
    public static void Title(string title) => Console.WriteLine($"\n## {title}\n");

    public static void Table(params IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows.Max(row => row.Length))
            .Select(column => rows.Max(row => column < row.Length ? row[column].Length : 0))
            .ToArray();
        foreach (var row in rows)
        {
            Console.WriteLine($"  {string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])))}".TrimEnd());
        }
    }

    public static string Milliseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms");

    public static string Seconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.00} s");

    public static string Megabytes(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0} MB");

    /// <summary>Says why something was not measured.</summary>
    public static void Skip(string reason) => Console.WriteLine($"  skipped: {reason}");
}
