namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>What a <see cref="TcpRelay"/> does with what it is sent.</summary>
internal enum RelayMode
{
    Forwarding,

    /// <summary>Its connections were reset, and new ones are refused.</summary>
    Refusing,

    /// <summary>It takes connections and bytes, and passes nothing on until the mode changes.</summary>
    Hanging,

    /// <summary>It passes every piece on after <see cref="TcpRelay.Delay"/>, one at a time.</summary>
    Slow,
}
