namespace Mesh.Silo.Hosting;

/// <summary>The silo cannot start as configured; the message says what is wrong and which key to change.</summary>
internal sealed class SiloStartException(string message, Exception? inner = null) : Exception(message, inner);
