using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlScalar = YamlDotNet.Core.Events.Scalar;

namespace Mesh.Silo.Api.Documents;

/// <summary>Writes JSON values as YAML for people: block style, strings without quotes where they cannot be mistaken.</summary>
internal static partial class YamlWriter
{
    /// <summary>
    /// Longer keys are written in the explicit form, <c>? key</c>: readers look for the ':' of the others in 1,024
    /// characters (YAML 1.2.2, section 7.4.2), and each of these may become six when it is escaped.
    /// </summary>
    private const int MaxImplicitKey = 1024 / 6 - 2;

    /// <summary>One document, with its <c>---</c> before it.</summary>
    public static string Write(JsonElement document)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(2, int.MaxValue, isCanonical: false, maxSimpleKeyLength: MaxImplicitKey));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: false));
        Emit(emitter, document);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
                foreach (var property in value.EnumerateObject())
                {
                    EmitString(emitter, property.Name);
                    Emit(emitter, property.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in value.EnumerateArray())
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                EmitString(emitter, value.GetString()!);
                break;
            default:
                emitter.Emit(new YamlScalar(value.GetRawText()));
                break;
        }
    }

    private static void EmitString(Emitter emitter, string text)
    {
        var isPlain = Unmistakable().IsMatch(text) && !YamlCoreSchema.IsAmbiguous(text) && !YamlOneWord().IsMatch(text);
        emitter.Emit(new YamlScalar(
            AnchorName.Empty,
            TagName.Empty,
            text,
            isPlain ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted,
            isPlainImplicit: isPlain,
            isQuotedImplicit: !isPlain));
    }

    [GeneratedRegex(@"^[A-Za-z0-9/_][A-Za-z0-9/_.\-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Unmistakable();

    /// <summary>Words that YAML 1.1 readers take for booleans.</summary>
    [GeneratedRegex(@"^(?:y|n|yes|no|on|off)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex YamlOneWord();
}
