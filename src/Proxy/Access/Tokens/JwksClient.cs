using System.Collections.Concurrent;
using System.Net;
using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Access.Tokens;

/// <summary>Fetches issuers' keys, and keeps those of at most 64 URLs.</summary>
internal sealed class JwksClient(TimeProvider time) : IDisposable
{
    public const int MaxUrls = 64;
    public const int MaxBytes = 1024 * 1024;
    private const int MaxRedirects = 3;

    private readonly HttpClient _client = new(CreateHandler(), disposeHandler: true)
    {
        // KeySet has the limit, by its clock.
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxBytes,
    };

    private readonly ConcurrentDictionary<string, KeySet> _sets = new(StringComparer.Ordinal);

    public KeySet For(string url)
    {
        if (_sets.TryGetValue(url, out var found))
        {
            return found;
        }

        while (_sets.Count >= MaxUrls)
        {
            _sets.TryRemove(_sets.MinBy(static set => set.Value.LastUsed));
        }

        return _sets.GetOrAdd(url, static (key, client) => new KeySet(token => client.FetchAsync(key, token), client.Time), this);
    }

    public void Dispose() => _client.Dispose();

    private TimeProvider Time => time;

    /// <exception cref="HttpRequestException">It cannot be reached, says something else than 200, or too much.</exception>
    private async Task<string> FetchAsync(string text, CancellationToken cancellationToken)
    {
        if (!AbsoluteUri.TryParse(text, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new HttpRequestException("not an http or https URL");
        }

        for (var i = 0; i <= MaxRedirects; i++)
        {
            using var answer = await _client.GetAsync(url, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return await answer.Content.ReadAsStringAsync(cancellationToken);
            }

            if ((int)answer.StatusCode is < 300 or >= 400 || answer.Headers.Location is not { } location)
            {
                throw new HttpRequestException($"answered {(int)answer.StatusCode}");
            }

            var next = new Uri(url, location);
            url = next.Scheme == url.Scheme ? next : throw new HttpRequestException("redirects to another scheme");
        }

        throw new HttpRequestException("redirects too often");
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = KeySet.FetchTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        MaxConnectionsPerServer = 4,
    };
}
