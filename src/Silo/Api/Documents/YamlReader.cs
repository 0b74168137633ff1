using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Mesh.Abstractions.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlScalar = YamlDotNet.Core.Events.Scalar;

namespace Mesh.Silo.Api.Documents;

/// <summary>
/// Turns YAML documents into JSON ones. Plain scalars mean what YAML 1.2's core schema says. What JSON cannot say, or
/// what would let a small text stand for a large one, is refused: aliases, anchors, tags, keys that are not scalars.
/// </summary>
internal static class YamlReader
{
    /// <summary>Never throws.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8,
        out IReadOnlyList<JsonElement> documents,
        [NotNullWhen(false)] out JsonSyntaxError? error)
    {
        documents = [];
        if (!Utf8.IsValid(utf8.Span))
        {
            error = new JsonSyntaxError(1, 1, "the text is not valid UTF-8");
            return false;
        }

        try
        {
            documents = Parse(Encoding.UTF8.GetString(utf8.Span));
            error = null;
            return true;
        }
        catch (YamlException exception)
        {
            error = new JsonSyntaxError(Math.Max(1, exception.Start.Line), Math.Max(1, exception.Start.Column), exception.Message);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The scanner's own failures on texts nobody would write.
            error = new JsonSyntaxError(1, 1, "the text cannot be read as YAML");
        }

        return false;
    }

    private static List<JsonElement> Parse(string text)
    {
        var documents = new List<JsonElement>();
        using var reader = new StringReader(text);
        var parser = new Parser(reader);
        parser.Consume<StreamStart>();
        while (!parser.Accept<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
            {
                Copy(parser, writer);
            }

            parser.Consume<DocumentEnd>();
            var document = JsonElement.Parse(buffer.WrittenSpan);
            if (document.ValueKind != JsonValueKind.Null)
            {
                documents.Add(document);
            }
        }

        return documents;
    }

    /// <summary>Copies one document's content. Not recursive: the nesting comes from whoever wrote the text.</summary>
    private static void Copy(Parser parser, Utf8JsonWriter writer)
    {
        // For each open collection: whether it is a mapping. A mapping's next scalar is a key when isKey is set.
        var open = new Stack<bool>();
        var isKey = false;
        do
        {
            var current = parser.Current!;
            Refuse(current, isKey, open.Count);
            switch (current)
            {
                case YamlScalar key when isKey:
                    writer.WritePropertyName(key.Value);
                    isKey = false;
                    parser.MoveNext();
                    continue;
                case YamlScalar value:
                    WriteScalar(writer, value);
                    break;
                case MappingStart:
                    writer.WriteStartObject();
                    open.Push(true);
                    break;
                case SequenceStart:
                    writer.WriteStartArray();
                    open.Push(false);
                    break;
                case MappingEnd:
                    writer.WriteEndObject();
                    open.Pop();
                    break;
                case SequenceEnd:
                    writer.WriteEndArray();
                    open.Pop();
                    break;
            }

            isKey = open.Count > 0 && open.Peek();
            parser.MoveNext();
        }
        while (open.Count > 0);
    }

    private static void Refuse(ParsingEvent current, bool isKey, int depth)
    {
        var problem = current switch
        {
            AnchorAlias => "aliases (*name) are not supported; write the value out",
            NodeEvent { Anchor.IsEmpty: false } => "anchors (&name) are not supported; write the value out where it is needed",
            NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } } => "tags (!name) are not supported",
            MappingStart or SequenceStart when isKey => "a key must be a scalar",
            MappingStart or SequenceStart when depth >= MeshJson.MaxDepth => $"the nesting is deeper than {MeshJson.MaxDepth} levels",
            // The parser loses the value of some of these.
            YamlScalar { Style: ScalarStyle.Plain, Value: "" } when isKey => "a key is missing before ':'; write an empty one as \"\"",
            YamlScalar scalar when !IsUnicode(scalar.Value) => "a string has half of a surrogate pair on its own",
            _ => null,
        };
        if (problem is not null)
        {
            throw new SyntaxErrorException(current.Start, current.End, problem);
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, YamlScalar scalar)
    {
        if (scalar.Style == ScalarStyle.Plain && YamlCoreSchema.ToJson(scalar.Value) is { } json)
        {
            writer.WriteRawValue(json);
        }
        else
        {
            writer.WriteStringValue(scalar.Value);
        }
    }

    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (!Rune.TryGetRuneAt(text, i, out _) || !char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
