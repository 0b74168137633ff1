using Mesh.Abstractions.Naming;

namespace Mesh.Silo.Api.Watching;

/// <summary>When to look again at a resource that is watched.</summary>
/// <param name="IsConcerned">Which services' changes may change the resource; null when none can be heard of.</param>
/// <param name="Period">How often to look in any case.</param>
/// <param name="MinGap">The shortest time between two looks: a list of everything changes often.</param>
internal sealed record WatchScope(Func<ServiceName, bool>? IsConcerned, TimeSpan Period, TimeSpan MinGap)
{
    private static readonly TimeSpan Backstop = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ListGap = TimeSpan.FromMilliseconds(200);

    /// <summary>The list of services.</summary>
    public static WatchScope Services { get; } = new(static _ => true, Backstop, ListGap);

    /// <summary>What changes without writes: proxies, gateways and the links to regions.</summary>
    public static WatchScope Polled { get; } = new(null, TimeSpan.FromSeconds(1), TimeSpan.Zero);

    public static WatchScope Of(ServiceName service) => new(changed => changed == service, Backstop, TimeSpan.Zero);
}
