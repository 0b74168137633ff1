namespace Mesh.Testing.Fuzzing;

/// <summary>A parser did what it must not; the message says which, with which input, and how to have it again.</summary>
public sealed class FuzzException(string message, Exception? inner = null) : Exception(message, inner);
