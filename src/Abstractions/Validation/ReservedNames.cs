using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;

namespace Mesh.Abstractions.Validation;

/// <summary>Keeps services and the records of namespaces' settings apart.</summary>
public static class ReservedNames
{
    /// <summary>
    /// The service whose endpoints are the proxies that take requests from other regions (<c>Mesh:Mode=Gateway</c>). They
    /// register themselves; nobody else writes it.
    /// </summary>
    public static ServiceName Gateways { get; } = new("mesh", "gateway");

    /// <summary>Why it cannot be written.</summary>
    public static string OnlyGateways =>
        $"{Gateways} holds the proxies that take requests from other regions (Mesh:Mode=Gateway), which register themselves; endpoints of it can be drained and removed.";

    /// <param name="endpoints">How many there are: exports have an empty list.</param>
    /// <param name="path">Where the endpoints stand.</param>
    public static void ValidateEndpoints(ServiceName service, int endpoints, JsonPath path, SpecErrors errors)
    {
        if (endpoints > 0 && NamespaceSettings.IsRecord(service))
        {
            errors.Add(path, $"\"{NamespaceSettings.RecordName}\" cannot have endpoints: it is no service (see /v1/namespaces/{service.Namespace})");
        }
    }

    /// <summary>Checks the name of a service that requests are sent to.</summary>
    /// <returns>Whether it can be one.</returns>
    internal static bool ValidateBackend(string name, JsonPath path, SpecErrors errors)
    {
        var problem = !DnsLabel.IsValid(name) ? $"is not a service's name: must be {DnsLabel.Rule}"
            : name == NamespaceSettings.RecordName ? $"must not be \"{NamespaceSettings.RecordName}\": it is no service"
            : null;
        if (problem is not null)
        {
            errors.Add(path, problem);
        }

        return problem is null;
    }

    /// <param name="path">Where the spec stands.</param>
    public static void Validate(ServiceName service, ServiceSpec spec, JsonPath path, SpecErrors errors)
    {
        var isRecord = NamespaceSettings.IsRecord(service);
        if (isRecord && (spec.NamespaceSettings is null || !MeshJson.Same(spec, new ServiceSpec { NamespaceSettings = spec.NamespaceSettings })))
        {
            errors.Add(path, $"\"{NamespaceSettings.RecordName}\" can hold \"namespaceSettings\" only: it is no service (see /v1/namespaces/{service.Namespace})");
        }
        else if (!isRecord && spec.NamespaceSettings is not null)
        {
            errors.Add(path.Field("namespaceSettings"), $"belongs to a namespace: put it to /v1/namespaces/{service.Namespace}");
        }
    }
}
