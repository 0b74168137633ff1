using System.Text.Json;
using Mesh.Abstractions.Json;
using StackExchange.Redis;

namespace Mesh.Grains.Storage;

/// <summary>JSON in and out of Redis. Fields of a newer program are skipped.</summary>
internal static class StoredJson
{
    public static RedisValue Encode<T>(T value) => MeshJson.Encode(value);

    /// <exception cref="InvalidDataException">The value is not the JSON of a <typeparamref name="T"/>.</exception>
    public static T Decode<T>(RedisValue json, RedisKey key)
    {
        try
        {
            return MeshJson.Decode<T>(((ReadOnlyMemory<byte>)json).Span);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"The store's key {key} does not hold a {typeof(T).Name}: {exception.Message} Restore it from a backup, or delete it.",
                exception);
        }
    }
}
