namespace Mesh.Grains.Links;

/// <summary>A link cannot go on for reasons of its own region: nothing is wrong with the peer.</summary>
internal sealed class LinkPausedException(string message, Exception inner) : Exception(message, inner);
