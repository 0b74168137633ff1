namespace Mesh.Proxy.Listeners;

/// <summary>What the first bytes of a connection say it carries.</summary>
internal enum ConnectionStart
{
    /// <summary>HTTP/1.1, as far as two bytes can tell.</summary>
    Http1,

    /// <summary>HTTP/2 with prior knowledge (RFC 9113, section 3.3).</summary>
    Http2,

    /// <summary>An HTTP/1.1 <c>CONNECT</c> request.</summary>
    Connect,

    /// <summary>A TLS handshake.</summary>
    Tls,
}
