using System.Text;

namespace Mesh.Testing.Fuzzing;

/// <summary>A parser of ours, and what it must keep to whatever it is given.</summary>
/// <param name="Name">For messages, and for the name of its test.</param>
/// <param name="Corpus">Inputs that it accepts; everything else is made of them.</param>
/// <param name="Accepts">
/// Gives it an input. False when it was refused the documented way; an exception when anything else happened, or what was
/// accepted does not come back the same when it is written and read again.
/// </param>
public sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Corpus, Func<byte[], bool> Accepts)
{
    /// <summary>What one input may take, at its fastest of a few tries.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What one input may allocate, at its least of a few tries: this much, and <see cref="MaxBytesPerByte"/> of its length.</summary>
    public long MaxBytes { get; init; } = 64 << 10;

    public int MaxBytesPerByte { get; init; } = 64;

    /// <summary>A parser of text: one character in some may be half of a surrogate pair, as .NET lets strings be.</summary>
    public static FuzzTarget Text(string name, IEnumerable<string> corpus, Func<string, bool> accepts) =>
        new(name, [.. corpus.Select(Encoding.UTF8.GetBytes)], bytes => accepts(ToText(bytes)));

    public override string ToString() => Name;

    /// <summary>Byte for byte when it is no UTF-8, as header values are.</summary>
    private static string ToText(byte[] bytes)
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return Encoding.Latin1.GetString(bytes);
        }

        // The escape of half a pair is among what is put in; half of them become the character itself.
        var text = Encoding.UTF8.GetString(bytes);
        return bytes.Length % 2 == 0 ? text.Replace("\\ud800", "\ud800", StringComparison.Ordinal) : text;
    }
}
