using Mesh.Abstractions.Json;
using Orleans.Serialization;

namespace Mesh.Abstractions.Grains;

/// <summary>How Mesh's types travel in grain calls: generated serializers where marked, else their one JSON form.</summary>
public static class MeshSerialization
{
    public static ISerializerBuilder AddMeshJson(this ISerializerBuilder builder) => builder.AddJsonSerializer(
        static type => type.Assembly == typeof(MeshJson).Assembly, MeshJson.Options);
}
