using System.Net;

namespace Mesh.Proxy.Registration;

/// <summary>Healthy when a GET answers 200 to 399; the body is not read.</summary>
internal sealed class HttpHealthCheck : IApplicationHealthCheck, IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly Version _version;

    /// <param name="isHttp2">The application speaks HTTP/2 with prior knowledge.</param>
    public HttpHealthCheck(string host, int port, string path, bool isHttp2)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
        _url = new UriBuilder(Uri.UriSchemeHttp, host, port) { Path = path }.Uri;
        _version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
    }

    public async Task<string?> Check(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _url) { Version = _version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;
            return status is >= 200 and < 400 ? null : $"GET {_url} answered {status}";
        }
        catch (HttpRequestException exception)
        {
            return $"GET {_url} failed: {exception.Message}";
        }
    }

    public void Dispose() => _http.Dispose();
}
