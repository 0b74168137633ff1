using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Abstractions.Json;

/// <summary>The fields of one type, as its JSON contract has them.</summary>
internal sealed class StrictJsonContract
{
    private static readonly ConcurrentDictionary<Type, StrictJsonContract> Known = new();

    private readonly FrozenDictionary<string, StrictJsonField> _fields;

    private StrictJsonContract(JsonTypeInfo type)
    {
        _fields = type.Properties
            .Where(static property => property.Set is not null || property.AssociatedParameter is not null)
            .Select(static property => ToField(property))
            .ToFrozenDictionary(static field => field.Name);
        Required = [.. _fields.Values.Where(static field => field.IsRequired)];
    }

    public IReadOnlyList<StrictJsonField> Required { get; }

    public static StrictJsonContract Of(JsonTypeInfo type) =>
        Known.GetOrAdd(type.Type, static (_, type) => new StrictJsonContract(type), type);

    public StrictJsonField? Find(string name) => _fields.GetValueOrDefault(name);

    /// <summary>The message for a field that does not exist: the one that was meant, or all there are.</summary>
    public string DescribeUnknown(string name)
    {
        var nearest = _fields.Keys
            .Select(known => (Name: known, Distance: EditDistance.Between(known, name)))
            .OrderBy(static candidate => candidate.Distance)
            .ThenBy(static candidate => candidate.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return nearest.Name is not null && nearest.Distance <= Math.Max(2, nearest.Name.Length / 3)
            ? $"is not a known field; did you mean \"{nearest.Name}\"?"
            : $"is not a known field; known are {string.Join(", ", _fields.Keys.Order(StringComparer.Ordinal))}";
    }

    private static StrictJsonField ToField(JsonPropertyInfo property)
    {
        var parameter = property.AssociatedParameter;
        var allowsNull = Nullable.GetUnderlyingType(property.PropertyType) is not null
            || (!property.PropertyType.IsValueType && (property.IsSetNullable || parameter is { IsNullable: true }));
        var isRequired = property.IsRequired || parameter is { HasDefaultValue: false, IsMemberInitializer: false };
        return new StrictJsonField(property.Name, MeshJson.Options.GetTypeInfo(property.PropertyType), isRequired, allowsNull);
    }
}
