using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Identity;

namespace Mesh.Silo.Identity;

/// <summary>
/// The TokenReview API of Kubernetes (<c>authentication.k8s.io/v1</c>). An account <c>web</c> of the namespace
/// <c>shop</c> is the service <c>shop/web</c>.
/// </summary>
internal sealed class KubernetesTokenReviewer : ITokenReviewer, IDisposable
{
    private const string Path = "/apis/authentication.k8s.io/v1/tokenreviews";
    private const string AccountPrefix = "system:serviceaccount:";

    /// <summary>A review has about 2 KB.</summary>
    private const int MaxAnswer = 256 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly IdentityOptions.KubernetesOptions _options;
    private readonly HttpClient _client;

    public KubernetesTokenReviewer(IdentityOptions.KubernetesOptions options)
    {
        _options = options;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (options is { Url: not null, CaFile: not null })
        {
            handler.SslOptions.CertificateChainPolicy = RootTrust.PolicyOf(ReadRoots(options.CaFile), isServer: true);
        }

        _client = new HttpClient(handler) { Timeout = Limit, MaxResponseContentBufferSize = MaxAnswer };
    }

    public bool IsConfigured => _options.Url is not null;

    public async Task<ServiceName?> Review(string token, CancellationToken cancellationToken)
    {
        var server = $"The Kubernetes API server {_options.Url} (Mesh:Identity:Kubernetes:Url)";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(_options.Url!), Path));

            // Read each time: Kubernetes replaces it every hour.
            var own = await File.ReadAllTextAsync(_options.TokenFile, cancellationToken);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", own.Trim());
            request.Content = JsonContent.Create(new JsonObject
            {
                ["apiVersion"] = "authentication.k8s.io/v1",
                ["kind"] = "TokenReview",
                ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(_options.Audience) },
            });
            using var response = await _client.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode
                ? ReadAccount(JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)))
                : throw new AuthorityException(
                    $"{server} answered {(int)response.StatusCode}. The silo's account needs the cluster role system:auth-delegator.");
        }
        catch (Exception exception) when (
            exception is HttpRequestException or IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AuthorityException($"{server} could not be asked: {exception.Message}", exception);
        }
    }

    public void Dispose() => _client.Dispose();

    private ServiceName? ReadAccount(JsonNode? review)
    {
        var status = review?["status"];
        if (status?["authenticated"]?.GetValue<bool>() != true
            || status["audiences"] is not JsonArray audiences
            || !audiences.Any(audience => audience?.GetValue<string>() == _options.Audience)
            || status["user"]?["username"]?.GetValue<string>() is not { } name
            || !name.StartsWith(AccountPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        return ServiceName.TryParse(name[AccountPrefix.Length..].Replace(':', '/'), out var service) ? service : null;
    }

    private static X509Certificate2Collection ReadRoots(string path) => Pem.TryReadCertificates(File.ReadAllText(path), out var roots)
        ? roots
        : throw new AuthorityException($"Mesh:Identity:Kubernetes:CaFile, {path}, does not hold certificates in PEM.");
}
