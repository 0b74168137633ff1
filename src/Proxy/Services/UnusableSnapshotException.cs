namespace Mesh.Proxy.Services;

/// <summary>A snapshot cannot be compiled; the message says what is wrong with it.</summary>
internal sealed class UnusableSnapshotException(string message, Exception? inner = null) : Exception(message, inner);
