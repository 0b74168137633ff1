namespace Mesh.Silo.Store;

/// <summary>The silo cannot start with the store it was given. The message is for the operator: what is wrong, and what to change.</summary>
internal sealed class StoreStartException(string message, Exception? inner = null) : Exception(message, inner);
