using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Naming;

/// <summary>The name of a service: <c>namespace/name</c>, both DNS-1123 labels. It is also the key of its grain.</summary>
[JsonConverter(typeof(ServiceNameConverter))]
[GenerateSerializer, Immutable, Alias("mesh.ServiceName")]
public readonly record struct ServiceName(
    [property: Id(0)] string Namespace,
    [property: Id(1)] string Name) : IComparable<ServiceName>
{
    public const string DefaultNamespace = "default";

    public static bool TryParse([NotNullWhen(true)] string? text, out ServiceName service)
    {
        service = default;
        if (text is null)
        {
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !DnsLabel.IsValid(text.AsSpan(0, slash)) || !DnsLabel.IsValid(text.AsSpan(slash + 1)))
        {
            return false;
        }

        service = new ServiceName(text[..slash], text[(slash + 1)..]);
        return true;
    }

    /// <exception cref="FormatException"><paramref name="text"/> is not <c>namespace/name</c>.</exception>
    public static ServiceName Parse(string text) => TryParse(text, out var service)
        ? service
        : throw new FormatException($"'{text}' is not a service: write namespace/name, each {DnsLabel.Rule}.");

    public int CompareTo(ServiceName other)
    {
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    public static bool operator <(ServiceName left, ServiceName right) => left.CompareTo(right) < 0;

    public static bool operator >(ServiceName left, ServiceName right) => left.CompareTo(right) > 0;

    public static bool operator <=(ServiceName left, ServiceName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ServiceName left, ServiceName right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Namespace}/{Name}";
}
