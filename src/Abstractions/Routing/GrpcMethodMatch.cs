namespace Mesh.Abstractions.Routing;

/// <summary>A condition on a gRPC call (Gateway API, <c>GRPCMethodMatch</c>); only gRPC requests can meet it. At least one member.</summary>
public sealed record GrpcMethodMatch
{
    public ValueMatchType Type { get; init; }

    /// <summary>The full name of the service with its package, such as <c>shop.Cart</c>; any when null.</summary>
    public string? Service { get; init; }

    /// <summary>The method's name, such as <c>AddItem</c>; any when null.</summary>
    public string? Method { get; init; }
}
