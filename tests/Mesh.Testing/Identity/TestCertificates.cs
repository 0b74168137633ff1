using Mesh.Abstractions.Connections;

namespace Mesh.Testing.Identity;

/// <summary>Certificates that a test changes at will.</summary>
public sealed class TestCertificates(PeerCredentials? first) : ICertificateSource
{
    public PeerCredentials? Current { get; set; } = first;
}
