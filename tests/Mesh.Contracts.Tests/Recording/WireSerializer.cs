using System.Text.Json;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Mesh.Contracts.Tests.Recording;

/// <summary>Values in and out of bytes, as silos and proxies of today do it.</summary>
internal sealed class WireSerializer : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer(static builder => builder.AddMeshJson()).BuildServiceProvider();

    private Serializer Orleans => _services.GetRequiredService<Serializer>();

    public WirePayload Encode(object value) => new(Orleans.SerializeToArray<object>(value), ToJson(value));

    public object Decode(byte[] bytes) => Orleans.Deserialize<object>(bytes)!;

    public static JsonElement ToJson(object value) => value is Exception exception
        ? JsonSerializer.SerializeToElement(new { exception.Message }, MeshJson.Options)
        : JsonSerializer.SerializeToElement(value, value.GetType(), MeshJson.Options);

    public void Dispose() => _services.Dispose();
}
