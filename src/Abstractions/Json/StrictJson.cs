using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Json;

/// <summary>
/// Reads documents that people wrote. Unlike <see cref="MeshJson"/> it refuses unknown and repeated fields, and it
/// reports every mistake at once, each with its place, instead of the first.
/// </summary>
public static class StrictJson
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Whether the bytes are one well-formed JSON document, with every string in it valid Unicode, nested at most
    /// <see cref="MeshJson.MaxDepth"/> deep. Never throws. A byte order mark is skipped (RFC 8259, section 8.1).
    /// </summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8,
        out JsonElement document,
        [NotNullWhen(false)] out JsonSyntaxError? error)
    {
        document = default;
        var span = utf8.Span;
        if (span.StartsWith(ByteOrderMark))
        {
            span = span[ByteOrderMark.Length..];
        }

        error = FindSyntaxError(span);
        if (error is not null)
        {
            return false;
        }

        document = JsonElement.Parse(span, new JsonDocumentOptions { MaxDepth = MeshJson.MaxDepth });
        return true;
    }

    /// <summary>
    /// Makes a <typeparamref name="T"/> of a document and puts everything that does not fit into <paramref name="errors"/>.
    /// </summary>
    /// <returns>
    /// What could be read, with stand-ins where a required part is missing or wrong, so that the rest can be validated
    /// in the same go (its <see cref="SpecErrors"/> know which parts are stand-ins). Only use it when there are no
    /// errors. Null when nothing could be read.
    /// </returns>
    public static T? Read<T>(JsonElement document, JsonPath path, SpecErrors errors, StrictJsonRoot? root = null)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            var type = MeshJson.Options.GetTypeInfo(typeof(T));
            if (!new StrictJsonReader(writer, errors).TryCopy(document, type, path, root ?? StrictJsonRoot.None))
            {
                return null;
            }
        }

        try
        {
            return JsonSerializer.Deserialize<T>(buffer.WrittenSpan, MeshJson.Options);
        }
        catch (JsonException exception)
        {
            // Either the list of errors was full and the copy stopped half-way, or a rule is missing in the copy.
            if (errors.IsEmpty)
            {
                errors.AddStructural(path, $"cannot be read: {exception.Message}");
            }

            return null;
        }
    }

    private static JsonSyntaxError? FindSyntaxError(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            return At(utf8, IndexOfInvalid(utf8), "the text is not valid UTF-8");
        }

        if (utf8.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return new JsonSyntaxError(1, 1, "there is no document: it is empty");
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MeshJson.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.ValueIsEscaped && !IsUnicode(ref reader))
                {
                    return At(utf8, (int)reader.TokenStartIndex, "a string has half of a surrogate pair (\\ud800 to \\udfff) on its own");
                }
            }

            return null;
        }
        catch (JsonException exception)
        {
            return new JsonSyntaxError((exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1, Clean(exception.Message));
        }
    }

    private static bool IsUnicode(ref Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static int IndexOfInvalid(ReadOnlySpan<byte> utf8)
    {
        var index = 0;
        while (Rune.DecodeFromUtf8(utf8[index..], out _, out var length) == OperationStatus.Done)
        {
            index += length;
        }

        return index;
    }

    private static JsonSyntaxError At(ReadOnlySpan<byte> utf8, int index, string message)
    {
        var before = utf8[..index];
        return new JsonSyntaxError(before.Count((byte)'\n') + 1, index - before.LastIndexOf((byte)'\n'), message);
    }

    /// <summary>The parser's own words, without the position it appends and its advice to programmers.</summary>
    private static string Clean(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).Replace(" Change the reader options.", "", StringComparison.Ordinal);
    }
}
