using System.Net;

namespace Mesh.Abstractions.Connections;

/// <summary>Hears of connections that came to nothing.</summary>
public interface ITlsObserver
{
    /// <param name="reason">One of a few words, for a metric: <c>plaintext</c>, <c>busy</c>, <c>timeout</c>, <c>no-certificate</c>, <c>rejected</c>, <c>broken</c>.</param>
    /// <param name="detail">For people.</param>
    void Failed(EndPoint? peer, string reason, string detail);

    /// <summary>A connection was accepted, or made, without TLS, although this side would have had it.</summary>
    void Plaintext(EndPoint? peer);
}
