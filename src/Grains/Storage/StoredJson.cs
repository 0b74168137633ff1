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
            return Decode<T>(json);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"The store's key {key} does not hold a {typeof(T).Name}: {exception.Message} Restore it from a backup, or delete it.",
                exception);
        }
    }

    /// <summary>One of many entries of a key.</summary>
    /// <param name="name">By which the entry can be found in its key.</param>
    /// <exception cref="InvalidDataException">The value is not the JSON of a <typeparamref name="T"/>.</exception>
    public static T DecodeEntry<T>(RedisValue json, string name)
    {
        try
        {
            return Decode<T>(json);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{name}' is no {typeof(T).Name} ({exception.Message.TrimEnd('.')})", exception);
        }
    }

    /// <summary>One of many entries of a hash whose fields are what the entries call themselves.</summary>
    /// <inheritdoc cref="DecodeEntry{T}(RedisValue, string)" path="/exception"/>
    public static T DecodeEntry<T>(HashEntry entry, Func<T, string> id)
    {
        var decoded = DecodeEntry<T>(entry.Value, $"{entry.Name}");
        return id(decoded) == entry.Name ? decoded : throw new InvalidDataException($"'{entry.Name}' is of '{id(decoded)}'");
    }

    private static T Decode<T>(RedisValue json) => MeshJson.Decode<T>(((ReadOnlyMemory<byte>)json).Span);
}
