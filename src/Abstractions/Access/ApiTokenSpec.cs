using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Access;

/// <summary>A token of the management API to be made.</summary>
public sealed record ApiTokenSpec
{
    /// <summary>What all namespaces are called in <see cref="Namespaces"/>.</summary>
    public const string AllNamespaces = "*";

    public const int MaxNamespaces = 100;

    public static readonly TimeSpan MinExpiry = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan MaxExpiry = TimeSpan.FromDays(366);

    /// <summary>Who or what it is for, as the audit log shows it: a DNS-1123 label.</summary>
    public required string Name { get; init; }

    public required ApiRole Role { get; init; }

    /// <summary>Where the role holds; <c>*</c> is everywhere.</summary>
    public required IReadOnlyList<string> Namespaces { get; init; }

    /// <summary>1 s to 366 days. Default 90 days.</summary>
    public TimeSpan ExpiresIn { get; init; } = TimeSpan.FromDays(90);

    public void Validate(JsonPath path, SpecErrors errors)
    {
        if (!DnsLabel.IsValid(Name))
        {
            errors.Add(path.Field("name"), $"{Bounds.Quote(Name)} is not a name: must be {DnsLabel.Rule}");
        }

        var namespaces = path.Field("namespaces");
        Bounds.CheckCount(Namespaces.Count, MaxNamespaces, namespaces, errors);
        if (Namespaces.Count == 0)
        {
            errors.Add(namespaces, "names none: give namespaces, or \"*\" for all");
        }

        for (var i = 0; i < Namespaces.Count && !errors.IsFull; i++)
        {
            if (Namespaces[i] != AllNamespaces && !DnsLabel.IsValid(Namespaces[i]))
            {
                errors.Add(namespaces.Item(i), $"{Bounds.Quote(Namespaces[i])} is not a namespace: must be {DnsLabel.Rule}, or \"*\" for all");
            }
        }

        Bounds.CheckRange(ExpiresIn, MinExpiry, MaxExpiry, path.Field("expiresIn"), errors);
    }
}
