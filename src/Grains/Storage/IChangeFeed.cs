using Mesh.Abstractions.Naming;

namespace Mesh.Grains.Storage;

/// <summary>
/// Wakes readers up when something was written anywhere in the region. Only a hint, carried by Redis pub/sub:
/// messages get lost when the connection does, so every reader also looks from time to time.
/// </summary>
public interface IChangeFeed
{
    /// <summary>Calls <paramref name="onChange"/>, on any thread, for every change heard of until disposed. It must not block.</summary>
    IDisposable Subscribe(Action<ServiceName> onChange);
}
