namespace Mesh.Proxy.Listeners;

/// <summary>A connection's feature that says which listener accepted it.</summary>
internal sealed record ListenerFeature(ListenerKind Kind);
