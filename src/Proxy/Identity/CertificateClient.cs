using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Json;
using Mesh.Proxy.ControlPlane;
using Mesh.Proxy.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.Identity;

/// <summary>Asks the management APIs, one after the other, for certificates.</summary>
internal sealed class CertificateClient(IOptions<ProxyOptions> options) : ICertificateIssuer, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = ControlPlaneHttp.Create(options.Value, Timeout);

    public Task<IssuedCertificate> Issue(CertificateAsk ask, CancellationToken cancellationToken) => Ask<IssuedCertificate>(
        url =>
        {
            var content = new ByteArrayContent(MeshJson.Encode(ask)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            return new HttpRequestMessage(HttpMethod.Post, new Uri(url, "/v1/identity/certificates")) { Content = content };
        },
        cancellationToken);

    public Task<TrustBundle> ReadBundle(CancellationToken cancellationToken) =>
        Ask<TrustBundle>(static url => new HttpRequestMessage(HttpMethod.Get, new Uri(url, "/v1/identity/bundle")), cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<T> Ask<T>(Func<Uri, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var url in options.Value.ControlPlaneUrls)
        {
            try
            {
                using var request = make(url);
                using var response = await _http.SendAsync(request, cancellationToken);
                var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return MeshJson.Decode<T>(body);
                }

                var problem = $"{url} answered {(int)response.StatusCode}: {DetailOf(body)}";
                if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.UnprocessableEntity)
                {
                    throw new IdentityException(problem) { IsRefused = true };
                }

                problems.Add(problem);
            }
            catch (Exception exception) when (exception is not IdentityException && !cancellationToken.IsCancellationRequested)
            {
                problems.Add($"{url} did not answer: {exception.Message}");
            }
        }

        throw new IdentityException(string.Join("; ", problems));
    }

    private static string DetailOf(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() ?? "" : "";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}
