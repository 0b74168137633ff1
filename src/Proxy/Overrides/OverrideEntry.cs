using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Overrides;

/// <summary>One replacement: requests for a service, or for all of a namespace, go to another.</summary>
/// <param name="Name">Null for every service of the namespace.</param>
/// <param name="TargetName">Null for the service of the same name.</param>
internal readonly record struct OverrideEntry(string Namespace, string? Name, string TargetNamespace, string? TargetName)
{
    private const string Any = "*";

    /// <param name="ownNamespace">The namespace of a name without one.</param>
    public static bool TryParse(ReadOnlySpan<char> text, string ownNamespace, out OverrideEntry entry)
    {
        entry = default;
        var equals = text.IndexOf('=');
        if (equals < 0
            || !TryParseName(text[..equals].Trim(), ownNamespace, out var space, out var name)
            || !TryParseName(text[(equals + 1)..].Trim(), space, out var targetSpace, out var targetName)
            || (name is not null && targetName is null))
        {
            return false;
        }

        entry = new OverrideEntry(space, name, targetSpace, targetName);
        return true;
    }

    public bool Covers(ServiceName service) => service.Namespace == Namespace && (Name is null || service.Name == Name);

    public ServiceName Target(ServiceName service) => new(TargetNamespace, TargetName ?? service.Name);

    /// <summary>In the form that means the same to every caller.</summary>
    public override string ToString() => $"{Namespace}/{Name ?? Any}={TargetNamespace}/{TargetName ?? Any}";

    private static bool TryParseName(ReadOnlySpan<char> text, string ownNamespace, out string space, out string? name)
    {
        var slash = text.IndexOf('/');
        space = slash < 0 ? ownNamespace : text[..slash].ToString();
        var rest = text[(slash + 1)..];
        name = slash >= 0 && rest is Any ? null : rest.ToString();
        return DnsLabel.IsValid(space) && (name is null || DnsLabel.IsValid(name));
    }
}
