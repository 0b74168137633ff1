using Mesh.Abstractions.Naming;

namespace Mesh.Silo.Api.Writes;

/// <summary>The messages for things that do not exist.</summary>
internal static class Missing
{
    public static string Service(ServiceName service) => $"There is no service {service}.";

    public static string Namespace(string name) => $"The namespace \"{name}\" has no settings of its own: the defaults hold.";

    public static string Rule(ServiceName service, string rule) => $"There is no service {service} with a rule \"{rule}\".";

    public static string Endpoint(ServiceName service, string id) => $"There is no service {service} with an endpoint \"{id}\" in this region.";

    public static string Revision(ServiceName service, long revision) =>
        $"There is no revision {revision} of service {service} (any more); its revisions are listed under /revisions.";
}
