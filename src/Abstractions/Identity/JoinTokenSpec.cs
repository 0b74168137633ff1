using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Identity;

/// <summary>A join token to be made: whoever shows it gets a certificate of the service.</summary>
public sealed record JoinTokenSpec
{
    public const int MaxUses = 1000;

    public static readonly TimeSpan MinExpiry = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan MaxExpiry = TimeSpan.FromDays(30);

    public required ServiceName Service { get; init; }

    /// <summary>How many proxies (keys) may use it: 1 to 1000. Default 1.</summary>
    public int Uses { get; init; } = 1;

    /// <summary>1 s to 30 days. Default 1 h.</summary>
    public TimeSpan ExpiresIn { get; init; } = TimeSpan.FromHours(1);

    public void Validate(JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(Uses, 1, MaxUses, path.Field("uses"), errors);
        Bounds.CheckRange(ExpiresIn, MinExpiry, MaxExpiry, path.Field("expiresIn"), errors);
    }
}
