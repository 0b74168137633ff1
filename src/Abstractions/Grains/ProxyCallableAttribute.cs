namespace Mesh.Abstractions.Grains;

/// <summary>Marks the grain interfaces that a proxy, as an Orleans client, may call; all others are refused.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class ProxyCallableAttribute : Attribute;
