namespace Mesh.Proxy.Forwarding;

/// <summary>What a listener appends to <c>Via</c>, made once for every version a request may come in.</summary>
internal sealed class ViaEntry(string pseudonym)
{
    private readonly string _http10 = $"1.0 {pseudonym}";
    private readonly string _http11 = $"1.1 {pseudonym}";
    private readonly string _http2 = $"2.0 {pseudonym}";

    public string Pseudonym { get; } = pseudonym;

    /// <param name="protocol">Such as <c>HTTP/1.1</c>.</param>
    public string For(string protocol) => HttpProtocol.IsHttp11(protocol) ? _http11 : HttpProtocol.IsHttp2(protocol) ? _http2 : _http10;
}
