using System.Reflection;

namespace Mesh.Contracts.Tests.Description;

/// <summary>How a contract's description names types: by what is the same in every program, such as an alias.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Short = new()
    {
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
        [typeof(void)] = "nothing",
        [typeof(Task)] = "nothing",
    };

    public static string Of(Type type)
    {
        if (Short.TryGetValue(type, out var text))
        {
            return text;
        }

        if (type.GetCustomAttribute<AliasAttribute>(inherit: false) is { } alias)
        {
            return alias.Alias;
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying) + "?";
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!)}[]";
        }

        if (!type.IsGenericType)
        {
            return type.FullName!;
        }

        var arguments = string.Join(", ", type.GetGenericArguments().Select(Of));
        return type.GetGenericTypeDefinition() == typeof(Task<>)
            ? arguments
            : $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0]}<{arguments}>";
    }

    /// <summary>With a question mark where null is allowed.</summary>
    public static string Of(Type type, NullabilityInfo nullability) =>
        Of(type) + (!type.IsValueType && nullability.ReadState == NullabilityState.Nullable ? "?" : "");
}
