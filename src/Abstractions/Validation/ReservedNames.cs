using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;

namespace Mesh.Abstractions.Validation;

/// <summary>Keeps services and the records of namespaces' settings apart.</summary>
public static class ReservedNames
{
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
