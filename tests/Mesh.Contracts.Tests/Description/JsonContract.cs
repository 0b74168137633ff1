using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mesh.Abstractions.Json;

namespace Mesh.Contracts.Tests.Description;

/// <summary>What Redis, snapshots, calls and the API's documents hold, as JSON: names, kinds, what must be there.</summary>
internal sealed class JsonContract
{
    private readonly HashSet<Type> _met = [];
    private readonly List<ContractLine> _lines = [];

    public static IEnumerable<ContractLine> Describe(IEnumerable<Type> roots)
    {
        var contract = new JsonContract();
        foreach (var root in roots)
        {
            contract.Add(root);
        }

        return contract._lines;
    }

    private void Add(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            Add(underlying);
            return;
        }

        var info = MeshJson.Options.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary:
                Add(info.ElementType!);
                break;
            case JsonTypeInfoKind.Object when _met.Add(type):
                AddObject(info);
                break;
            case JsonTypeInfoKind.None when type.IsEnum && _met.Add(type):
                foreach (var value in Enum.GetValuesAsUnderlyingType(type))
                {
                    var name = JsonSerializer.Serialize(Enum.ToObject(type, value), type, MeshJson.Options).Trim('"');
                    _lines.Add(new ContractLine($"enum {type.Name}.{name}", Enum.GetName(type, value)!));
                }

                break;
        }
    }

    private void AddObject(JsonTypeInfo info)
    {
        var name = info.Type.Name;
        foreach (var derived in info.PolymorphismOptions?.DerivedTypes ?? [])
        {
            _lines.Add(new ContractLine($"command {name}.{derived.TypeDiscriminator}", derived.DerivedType.Name));
            Add(derived.DerivedType);
        }

        foreach (var property in info.Properties)
        {
            if (property.Get is not null)
            {
                _lines.Add(new ContractLine($"json {name}.{property.Name}", KindOf(property.PropertyType) + Suffix(property)));
                Add(property.PropertyType);
            }
        }
    }

    private static string Suffix(JsonPropertyInfo property)
    {
        var parameter = property.AssociatedParameter;
        var isRequired = property.IsRequired || parameter is { HasDefaultValue: false, IsMemberInitializer: false };
        var isNullable = property.PropertyType.IsValueType
            ? Nullable.GetUnderlyingType(property.PropertyType) is not null
            : property.IsSetNullable || parameter is { IsNullable: true };
        return (isNullable ? ", or null" : "") + (isRequired ? ", required" : "");
    }

    private static string KindOf(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return KindOf(underlying);
        }

        var info = MeshJson.Options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => $"list of {KindOf(info.ElementType!)}",
            JsonTypeInfoKind.Dictionary => $"map of {KindOf(info.ElementType!)}",
            JsonTypeInfoKind.Object => $"object {type.Name}",
            _ => type.IsEnum ? $"enum {type.Name}" : ScalarOf(type),
        };
    }

    private static string ScalarOf(Type type) => type == typeof(string) ? "string"
        : type == typeof(bool) ? "bool"
        : type.IsPrimitive ? "number"
        : type == typeof(JsonElement) ? "any"
        : $"string {type.Name}";
}
