using Mesh.Abstractions.Services;

namespace Mesh.Proxy.Tests.Routing;

public sealed record RouteCaseFile
{
    public ServiceSpec? Spec { get; init; }

    public required IReadOnlyList<RouteCase> Cases { get; init; }
}
