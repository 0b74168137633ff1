using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Contracts.Tests.Description;
using Mesh.Grains.Services;

namespace Mesh.Contracts.Tests;

/// <summary>What a service may have that silos of the newest contract do not know: they would drop it from what they store.</summary>
public class RecordFormatTests
{
    private static readonly HashSet<string> Known =
        [.. Contract.Recorded(ContractFolder.Newest).Where(static line => line.Kind == "json").Select(static line => line.Subject)];

    /// <summary>Fields that the programs before may drop, and why.</summary>
    private static readonly HashSet<string> Droppable = [];

    /// <summary>Every field of a spec, with a spec that has it and little else.</summary>
    private static IReadOnlyList<(string Subject, ServiceSpec Spec)> Fields { get; } =
        [.. Walk(typeof(ServiceSpec), static json => json, []).Select(static field => (field.Subject, MeshJson.Decode<ServiceSpec>(JsonSerializer.SerializeToUtf8Bytes(field.Json))))];

    [Fact]
    public void What_silos_before_do_not_know_raises_the_format_so_that_they_leave_the_service_alone()
    {
        var added = Fields.Where(static field => !Known.Contains(field.Subject)).ToList();
        var dropped = added.Where(static field => ServiceRecord.FormatOf(field.Spec) == ServiceRecord.BasicFormat).Select(static field => field.Subject);

        Assert.Contains("json TrafficPolicy.tls", added.Select(static field => field.Subject));
        Assert.True(
            dropped.All(Droppable.Contains),
            $"Silos of contract {ContractFolder.Newest} drop these from services that they store; add them to ServiceRecord.FormatOf: {string.Join(", ", dropped)}");
    }

    [Fact]
    public void What_they_know_is_stored_in_their_format() => Assert.Empty(Fields
        .Where(static field => Known.Contains(field.Subject) && ServiceRecord.FormatOf(field.Spec) != ServiceRecord.BasicFormat)
        .Select(static field => field.Subject));

    /// <param name="wrap">From a value of the type to a spec that holds it.</param>
    private static IEnumerable<(string Subject, JsonNode Json)> Walk(Type type, Func<JsonNode, JsonNode> wrap, IReadOnlyList<Type> above)
    {
        foreach (var property in MeshJson.Options.GetTypeInfo(type).Properties.Where(static property => property.Get is not null))
        {
            var subject = $"json {type.Name}.{property.Name}";
            JsonNode Wrap(JsonNode value)
            {
                var owner = Sample(type).AsObject();
                owner[property.Name] = value;
                return wrap(owner);
            }

            yield return (subject, Wrap(Sample(property.PropertyType)));

            // What is inside of something new comes with it.
            var (inner, isList) = Unwrap(property.PropertyType);
            if (Known.Contains(subject) && KindOf(inner) == JsonTypeInfoKind.Object && !above.Contains(inner))
            {
                foreach (var found in Walk(inner, value => Wrap(isList ? new JsonArray(value) : value), [.. above, type]))
                {
                    yield return found;
                }
            }
        }
    }

    /// <summary>A value that is not the default, with what is required and no more.</summary>
    private static JsonNode Sample(Type type)
    {
        var info = MeshJson.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Enumerable:
                return new JsonArray(Sample(info.ElementType!));
            case JsonTypeInfoKind.Dictionary:
                return new JsonObject { ["a"] = Sample(info.ElementType!) };
            case JsonTypeInfoKind.Object:
                return new JsonObject(info.Properties
                    .Where(static property => property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false })
                    .Select(static property => KeyValuePair.Create(property.Name, (JsonNode?)Sample(property.PropertyType))));
            default:
                return SampleScalar(info.Type);
        }
    }

    private static JsonNode SampleScalar(Type type) => type switch
    {
        _ when type == typeof(string) => "a",
        _ when type == typeof(bool) => true,
        _ when type == typeof(TimeSpan) => "1s",
        _ when type.IsEnum => JsonSerializer.SerializeToNode(Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1), type, MeshJson.Options)!,
        _ when type.IsPrimitive => JsonSerializer.SerializeToNode(Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture), type, MeshJson.Options)!,
        _ => throw new NotSupportedException($"Give {type} a sample here"),
    };

    private static (Type Type, bool IsList) Unwrap(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return KindOf(type) == JsonTypeInfoKind.Enumerable ? (MeshJson.Options.GetTypeInfo(type).ElementType!, true) : (type, false);
    }

    private static JsonTypeInfoKind KindOf(Type type) => MeshJson.Options.GetTypeInfo(type).Kind;
}
