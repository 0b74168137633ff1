namespace Mesh.Quickstart.Events;

/// <summary>What changed between two lists of services, a line each.</summary>
internal static class ServiceChanges
{
    public static IEnumerable<string> Between(ServiceList before, ServiceList after)
    {
        var known = before.Items.ToDictionary(service => service.FullName);
        foreach (var service in after.Items)
        {
            if (!known.Remove(service.FullName, out var old))
            {
                yield return $"{service.FullName} is new, with {Count(service.Endpoints, "endpoint")} and {Count(service.Rules, "rule")}";
                continue;
            }

            if (service.SpecRevision != old.SpecRevision)
            {
                yield return $"{service.FullName} was changed: revision {service.SpecRevision}, {Count(service.Rules, "rule")}";
            }

            if (service.Endpoints != old.Endpoints)
            {
                yield return $"{service.FullName} has {Count(service.Endpoints, "endpoint")} now, {old.Endpoints} before";
            }
        }

        foreach (var gone in known.Keys)
        {
            yield return $"{gone} was deleted";
        }
    }

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
