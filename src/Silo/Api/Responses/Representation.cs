using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Validation;

namespace Mesh.Silo.Api.Responses;

/// <summary>A resource as it is sent: its JSON on one line, and its entity tag (with quotes).</summary>
internal sealed record Representation(ReadOnlyMemory<byte> Json, string EntityTag)
{
    /// <summary>Of a resource that has a revision, which is its entity tag.</summary>
    public static Representation Of<T>(T value, long revision) =>
        new(MeshJson.Encode(value), string.Create(CultureInfo.InvariantCulture, $"\"{revision}\""));

    /// <summary>The same with <c>warnings</c>, if there are any: what was accepted but will not work as it is.</summary>
    public static Representation Of<T>(T value, long revision, IReadOnlyList<SpecError> warnings)
    {
        if (warnings.Count == 0)
        {
            return Of(value, revision);
        }

        var json = JsonSerializer.SerializeToNode(value, MeshJson.Options)!.AsObject();
        json["warnings"] = JsonSerializer.SerializeToNode(warnings, MeshJson.Options);
        return Of<JsonNode>(json, revision);
    }

    /// <summary>Of something that has no revision of its own: the tag is a checksum of its content.</summary>
    public static Representation OfContent<T>(T value)
    {
        var json = MeshJson.Encode(value);
        return new Representation(json, $"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 8))}\"");
    }
}
