namespace Mesh.Proxy.Listeners;

/// <summary>The proxy cannot listen as it was told; the message names the address and its configuration key.</summary>
internal sealed class ListenerException(string message, Exception? inner = null) : Exception(message, inner);
