using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Naming;

[JsonConverter(typeof(ServiceNameConverter))]
[GenerateSerializer, Immutable, Alias("mesh.ServiceName")]
public readonly record struct ServiceName([property: Id(0)] string Namespace, [property: Id(1)] string Name)
{
    /// <exception cref="FormatException"><paramref name="text"/> is not <c>namespace/name</c>.</exception>
    public static ServiceName Parse(string text) => text.Split('/') is [var space, var name]
        ? new ServiceName(space, name)
        : throw new FormatException($"'{text}' is not a service: write namespace/name.");

    public override string ToString() => $"{Namespace}/{Name}";
}
