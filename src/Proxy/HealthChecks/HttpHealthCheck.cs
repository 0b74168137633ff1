using System.Net;

namespace Mesh.Proxy.HealthChecks;

/// <summary>Healthy when a GET answers with a good status; the body is not read.</summary>
internal sealed class HttpHealthCheck : IHealthCheck, IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly Uri _url;
    private readonly Version _version;
    private readonly int _lastGoodStatus;

    /// <param name="handler">Whose connections to use; its owner disposes of it.</param>
    /// <param name="isHttp2">HTTP/2 with prior knowledge is spoken there.</param>
    /// <param name="lastGoodStatus">Statuses from 200 to this one are good.</param>
    public HttpHealthCheck(HttpMessageHandler handler, string host, int port, string path, bool isHttp2, int lastGoodStatus)
    {
        _http = new HttpMessageInvoker(handler, disposeHandler: false);
        _url = new Uri(new UriBuilder(Uri.UriSchemeHttp, host, port).Uri.GetLeftPart(UriPartial.Authority) + (path.StartsWith('/') ? path : $"/{path}"));
        _version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        _lastGoodStatus = lastGoodStatus;
    }

    public async Task<string?> Check(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _url) { Version = _version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var status = (int)response.StatusCode;
            return status >= 200 && status <= _lastGoodStatus ? null : $"GET {_url} answered {status}";
        }
        catch (HttpRequestException exception)
        {
            return $"GET {_url} failed: {exception.Message}";
        }
    }

    public void Dispose() => _http.Dispose();
}
