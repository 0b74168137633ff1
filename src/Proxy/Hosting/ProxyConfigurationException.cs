namespace Mesh.Proxy.Hosting;

/// <summary>The configuration cannot be used; the message names every key that is wrong and how to mend it.</summary>
internal sealed class ProxyConfigurationException(string message) : Exception(message);
