using Mesh.Abstractions.Services;

namespace Mesh.Proxy.Tests.Routing;

/// <summary>One line of the tables in <c>Cases</c>: what is decided of a request under a spec.</summary>
public sealed record RouteCase
{
    public required string Name { get; init; }

    /// <summary>That of the file when null.</summary>
    public ServiceSpec? Spec { get; init; }

    public RouteCaseRequest Request { get; init; } = new();

    /// <summary>Headers of the endpoint's answer.</summary>
    public IReadOnlyDictionary<string, string> Answer { get; init; } = new Dictionary<string, string>();

    public required RouteCaseResult Expect { get; init; }
}
