using System.Globalization;
using System.Reflection;
using Orleans.CodeGeneration;

namespace Mesh.Contracts.Tests.Description;

/// <summary>What proxies and silos need to know to call each other: types by alias and field number, interfaces, grains.</summary>
internal static class WireContract
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static IEnumerable<ContractLine> Describe(IEnumerable<Assembly> assemblies)
    {
        var types = assemblies.SelectMany(static assembly => assembly.GetTypes()).Where(static type => !IsGenerated(type)).ToList();
        return
        [
            .. types.Where(static type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)).SelectMany(OfType),
            .. types.Where(IsCallable).SelectMany(OfInterface),
            .. types.Where(static type => type is { IsClass: true, IsAbstract: false } && IsGrain(type)).Select(OfGrain),
        ];
    }

    /// <summary>The types that calls carry without a serializer of their own: as JSON, under the name that is described.</summary>
    public static IEnumerable<Type> JsonTypes(IEnumerable<Assembly> assemblies)
    {
        var known = assemblies.ToHashSet();
        return known.SelectMany(static assembly => assembly.GetTypes())
            .Where(static type => IsCallable(type) && !IsGenerated(type))
            .SelectMany(static type => type.GetMethods())
            .SelectMany(static method => method.GetParameters().Select(static parameter => parameter.ParameterType).Append(method.ReturnType))
            .SelectMany(Parts)
            .Where(type => known.Contains(type.Assembly) && !type.IsInterface && !type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            .Distinct();
    }

    private static IEnumerable<Type> Parts(Type type) => type switch
    {
        { IsArray: true } => Parts(type.GetElementType()!),
        { IsGenericType: true } => type.GetGenericArguments().SelectMany(Parts),
        _ => [type],
    };

    private static IEnumerable<ContractLine> OfType(Type type)
    {
        var name = TypeText.Of(type);
        yield return new ContractLine($"wire {name}", type.IsValueType ? "struct" : "class");
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (property.GetCustomAttribute<IdAttribute>() is { } id)
            {
                var text = TypeText.Of(property.PropertyType, Nullability.Create(property));
                yield return new ContractLine(
                    string.Create(CultureInfo.InvariantCulture, $"wire {name} field {id.Id} ({property.Name})"),
                    text + (IsNullAfterAnOldPeer(type, property, text) ? ", required" : ""));
                foreach (var line in OfEnum(property.PropertyType))
                {
                    yield return line;
                }
            }
        }
    }

    /// <summary>Enumerations travel as numbers.</summary>
    private static IEnumerable<ContractLine> OfEnum(Type type) => type.IsEnum
        ? Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => new ContractLine($"number {TypeText.Of(type)} {value}", Enum.GetName(type, value)!))
        : [];

    /// <summary>Whether a message without the field leaves null where the type says that there is none.</summary>
    private static bool IsNullAfterAnOldPeer(Type type, PropertyInfo property, string text)
    {
        if (property.PropertyType.IsValueType || text.EndsWith('?'))
        {
            return false;
        }

        var instance = type.GetConstructor(Type.EmptyTypes)?.Invoke(null);
        return instance is null || property.GetValue(instance) is null;
    }

    private static IEnumerable<ContractLine> OfInterface(Type type)
    {
        var name = TypeText.Of(type);
        yield return new ContractLine(
            $"interface {name}", $"version {type.GetCustomAttribute<VersionAttribute>()?.Version ?? 0}");
        foreach (var method in type.GetMethods())
        {
            var alias = method.GetCustomAttribute<AliasAttribute>()?.Alias ?? method.Name;
            var parameters = method.GetParameters().Select(static parameter => TypeText.Of(parameter.ParameterType, Nullability.Create(parameter)));
            yield return new ContractLine(
                $"interface {name} method {alias}",
                $"({string.Join(", ", parameters)}) -> {TypeText.Of(method.ReturnType)}");
        }
    }

    /// <summary>Two silos that call a grain differently would both have one.</summary>
    private static ContractLine OfGrain(Type type)
    {
        var interfaces = type.GetInterfaces().Where(IsCallable).Select(TypeText.Of).Order(StringComparer.Ordinal);
        return new ContractLine(
            $"grain {string.Join(" ", interfaces)}", type.GetCustomAttribute<GrainTypeAttribute>() is null ? type.FullName! : "[GrainType]");
    }

    private static bool IsGrain(Type type) => type.GetInterfaces().Any(IsCallable);

    private static bool IsCallable(Type type) =>
        type.IsInterface && type.IsAssignableTo(typeof(IAddressable)) && type.Assembly.GetName().Name!.StartsWith("Mesh.", StringComparison.Ordinal);

    private static bool IsGenerated(Type type) => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) == true;
}
