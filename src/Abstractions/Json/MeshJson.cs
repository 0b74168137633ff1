using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Abstractions.Json;

/// <summary>
/// The one JSON form of Mesh's types: the management API, Redis, snapshots on the wire and on disk, and the
/// arguments of grain calls all use it. Readers skip fields they do not know, so that a newer peer can add some;
/// the management API refuses them instead (<c>StrictJson</c>).
/// </summary>
public static class MeshJson
{
    /// <summary>How deep a document may nest; the deepest valid one needs about ten levels.</summary>
    public const int MaxDepth = 32;

    public static JsonSerializerOptions Options { get; } = Create(indented: false);

    /// <summary>The same, for people.</summary>
    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    public static byte[] Encode<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <exception cref="JsonException">The bytes are not a <typeparamref name="T"/>.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException($"null is not a {typeof(T).Name}");

    /// <summary>Whether two values mean the same; lists have no value equality of their own.</summary>
    public static bool Same<T>(T left, T right) =>
        ReferenceEquals(left, right) || Encode(left).AsSpan().SequenceEqual(Encode(right));

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            PropertyNameCaseInsensitive = false,
            NumberHandling = JsonNumberHandling.Strict,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            MaxDepth = MaxDepth,
            WriteIndented = indented,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.Converters.Add(new GatewayDurationConverter());
        options.MakeReadOnly();
        return options;
    }
}
