using System.Text;

namespace Mesh.Quickstart.Output;

/// <summary>Rows of text with the columns aligned.</summary>
internal static class TextTable
{
    public static string Format(IReadOnlyList<string[]> rows, string indent)
    {
        var widths = new int[rows.Max(row => row.Length)];
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        var text = new StringBuilder();
        foreach (var row in rows)
        {
            var line = string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])));
            text.Append(indent).AppendLine(line.TrimEnd());
        }

        return text.ToString();
    }
}
