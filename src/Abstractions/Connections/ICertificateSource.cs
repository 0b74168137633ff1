namespace Mesh.Abstractions.Connections;

/// <summary>
/// Where a side's certificate comes from. It is asked at every handshake, so a new certificate needs no announcement;
/// connections that exist go on with what they were made with.
/// </summary>
public interface ICertificateSource
{
    /// <value>Null while there is none yet. Never blocks.</value>
    PeerCredentials? Current { get; }
}
