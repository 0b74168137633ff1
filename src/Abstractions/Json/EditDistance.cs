namespace Mesh.Abstractions.Json;

/// <summary>How many letters one has to insert, delete or replace (Levenshtein), letter case aside.</summary>
internal static class EditDistance
{
    private const int MaxLength = 64;

    /// <returns><see cref="int.MaxValue"/> for words too long to compare.</returns>
    public static int Between(string left, string right)
    {
        if (left.Length > MaxLength || right.Length > MaxLength)
        {
            return int.MaxValue;
        }

        Span<int> row = stackalloc int[right.Length + 1];
        for (var column = 0; column < row.Length; column++)
        {
            row[column] = column;
        }

        foreach (var letter in left)
        {
            var diagonal = row[0]++;
            for (var column = 1; column < row.Length; column++)
            {
                var isSame = char.ToUpperInvariant(letter) == char.ToUpperInvariant(right[column - 1]);
                var replaced = isSame ? diagonal : diagonal + 1;
                diagonal = row[column];
                row[column] = Math.Min(replaced, 1 + Math.Min(row[column], row[column - 1]));
            }
        }

        return row[^1];
    }
}
