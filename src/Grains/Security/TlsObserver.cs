using System.Net;
using Mesh.Abstractions.Connections;
using Mesh.Grains.Security.Gateway;

namespace Mesh.Grains.Security;

/// <summary>Counts and logs the failed handshakes of one of the silo's ports.</summary>
internal sealed class TlsObserver(Denials denials, string port) : ITlsObserver
{
    public void Failed(EndPoint? peer, string reason, string detail) =>
        denials.CountHandshake(port, reason, (peer as IPEndPoint)?.Address.ToString() ?? peer?.ToString() ?? "unknown", detail);

    public void Plaintext(EndPoint? peer) => denials.CountPlaintext(port);
}
