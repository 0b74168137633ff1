using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Json;

/// <summary>
/// Walks a document along the contract of the type it should be, and writes a copy of what is right. Optional parts
/// that are wrong are left out; required ones and list items (whose positions must not shift) get stand-ins. The
/// parser has bounded the nesting already.
/// </summary>
internal sealed class StrictJsonReader(Utf8JsonWriter writer, SpecErrors errors)
{
    /// <returns>False, with nothing written, when the value as a whole is not of the type's kind.</returns>
    public bool TryCopy(JsonElement value, JsonTypeInfo type, JsonPath path, StrictJsonRoot root)
    {
        if (StrictJsonValue.Check(value, type) is { } problem)
        {
            errors.AddStructural(path, problem);
            return false;
        }

        Copy(value, type, path, root);
        return true;
    }

    private void Copy(JsonElement value, JsonTypeInfo type, JsonPath path, StrictJsonRoot root)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                CopyObject(value, type, path, root);
                break;
            case JsonTypeInfoKind.Enumerable:
                CopyList(value, ElementOf(type), path);
                break;
            case JsonTypeInfoKind.Dictionary:
                CopyDictionary(value, ElementOf(type), path);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private void CopyObject(JsonElement value, JsonTypeInfo type, JsonPath path, StrictJsonRoot root)
    {
        var contract = StrictJsonContract.Of(type);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartObject();
        foreach (var property in value.EnumerateObject())
        {
            if (errors.IsFull)
            {
                break;
            }

            if (!seen.Add(property.Name))
            {
                errors.AddStructural(path.Field(property.Name), "is given more than once");
            }
            else if (contract.Find(property.Name) is { } field)
            {
                CopyField(property.Value, field, path.Field(property.Name));
            }
            else if (!root.Ignored.Contains(property.Name))
            {
                errors.AddStructural(path.Field(property.Name), contract.DescribeUnknown(property.Name));
            }
        }

        foreach (var field in contract.Required)
        {
            if (seen.Contains(field.Name))
            {
                continue;
            }

            writer.WritePropertyName(field.Name);
            if (root.Known.TryGetValue(field.Name, out var known))
            {
                writer.WriteStringValue(known);
            }
            else
            {
                errors.AddStructural(path.Field(field.Name), "is required");
                StrictJsonValue.WriteStandIn(writer, field.Type);
            }
        }

        writer.WriteEndObject();
    }

    private void CopyField(JsonElement value, StrictJsonField field, JsonPath path)
    {
        if (value.ValueKind == JsonValueKind.Null && field.AllowsNull)
        {
            writer.WriteNull(field.Name);
        }
        else if (StrictJsonValue.Check(value, field.Type) is not { } problem)
        {
            writer.WritePropertyName(field.Name);
            Copy(value, field.Type, path, StrictJsonRoot.None);
        }
        else
        {
            var hint = value.ValueKind == JsonValueKind.Null && !field.IsRequired ? "; leave the field out for its default" : "";
            errors.AddStructural(path, problem + hint);
            if (field.IsRequired)
            {
                writer.WritePropertyName(field.Name);
                StrictJsonValue.WriteStandIn(writer, field.Type);
            }
        }
    }

    private void CopyList(JsonElement value, JsonTypeInfo element, JsonPath path)
    {
        writer.WriteStartArray();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (errors.IsFull)
            {
                break;
            }

            if (!TryCopy(item, element, path.Item(index++), StrictJsonRoot.None))
            {
                StrictJsonValue.WriteStandIn(writer, element);
            }
        }

        writer.WriteEndArray();
    }

    private void CopyDictionary(JsonElement value, JsonTypeInfo element, JsonPath path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartObject();
        foreach (var property in value.EnumerateObject())
        {
            if (errors.IsFull)
            {
                break;
            }

            var place = path.Field(property.Name);
            if (!seen.Add(property.Name))
            {
                errors.AddStructural(place, "is given more than once");
            }
            else if (StrictJsonValue.Check(property.Value, element) is { } problem)
            {
                errors.AddStructural(place, problem);
            }
            else
            {
                writer.WritePropertyName(property.Name);
                Copy(property.Value, element, place, StrictJsonRoot.None);
            }
        }

        writer.WriteEndObject();
    }

    private static JsonTypeInfo ElementOf(JsonTypeInfo type) => MeshJson.Options.GetTypeInfo(type.ElementType!);
}
