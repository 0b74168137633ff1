using System.Security.Cryptography;
using System.Text.Json;
using Mesh.Silo.Api.Problems;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Silo.Api.Access;

/// <summary>
/// What an OpenID Connect issuer says of itself. Asked for when it is first needed, every hour, and for a key that is not
/// known, whose token waits for the answer. However many ask, and whatever they send, the issuer is asked once at a time and
/// not more often than the gaps allow; while it is away, what it said last stays good.
/// </summary>
internal sealed partial class IssuerKeys : IDisposable
{
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    /// <summary>Between two questions for keys that are not known: anybody can make up their names.</summary>
    public static readonly TimeSpan Gap = TimeSpan.FromSeconds(30);

    /// <summary>Between two questions while there has not been an answer yet.</summary>
    public static readonly TimeSpan FirstGap = TimeSpan.FromSeconds(5);

    /// <summary>How long a question may take, with its two documents.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _address;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly HttpDocumentRetriever _documents;
    private readonly SemaphoreSlim _asking = new(1);
    private volatile Known? _known;
    private long? _askedAt;

    /// <param name="handler">Asks the issuer; the system's when null.</param>
    public IssuerKeys(string address, TimeProvider time, ILogger logger, HttpMessageHandler? handler = null)
    {
        _address = address;
        _time = time;
        _logger = logger;
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { MaxResponseContentBufferSize = 1 << 20 };

        // The options' validation takes http on loopback only; what is read by https must not name keys that anybody can change on their way.
        _documents = new HttpDocumentRetriever(_http) { RequireHttps = address.StartsWith("https:", StringComparison.OrdinalIgnoreCase) };
    }

    /// <exception cref="ApiException">The issuer has never answered: 503.</exception>
    public async ValueTask<OpenIdConnectConfiguration> Get()
    {
        var known = _known;
        if (known is not null && _time.GetElapsedTime(known.At) < Fresh)
        {
            return known.Issuer;
        }

        // What is old is good still: one request asks, the others go on.
        return await Ask(known, known is null ? Timeout.InfiniteTimeSpan : TimeSpan.Zero)
            ?? throw ApiException.Unavailable("The issuer of tokens (Mesh:Api:Auth:Jwt:Authority) cannot be asked for its keys; the silo's log says why.");
    }

    /// <summary>What the issuer says now, if it may be asked again; else what it said last.</summary>
    /// <param name="seen">What lacks a key.</param>
    public async ValueTask<OpenIdConnectConfiguration> Renew(OpenIdConnectConfiguration seen) =>
        _known is { } known && ReferenceEquals(known.Issuer, seen) ? await Ask(known, Timeout.InfiniteTimeSpan) ?? seen : _known?.Issuer ?? seen;

    public void Dispose()
    {
        _http.Dispose();
        _asking.Dispose();
    }

    private static bool IsFailure(Exception exception) =>
        exception is IOException or HttpRequestException or OperationCanceledException or InvalidOperationException or ArgumentException
            or FormatException or JsonException or CryptographicException or SecurityTokenException or InvalidDataException;

    /// <param name="seen">What the caller knows; anything newer will do.</param>
    /// <param name="wait">How long to wait for others that ask.</param>
    private async Task<OpenIdConnectConfiguration?> Ask(Known? seen, TimeSpan wait)
    {
        if (!await _asking.WaitAsync(wait))
        {
            return seen?.Issuer;
        }

        try
        {
            if (!ReferenceEquals(_known, seen) || (_askedAt is { } at && _time.GetElapsedTime(at) < (seen is null ? FirstGap : Gap)))
            {
                return _known?.Issuer;
            }

            using var end = new CancellationTokenSource(Patience, _time);
            var issuer = await OpenIdConnectConfigurationRetriever.GetAsync(_address, _documents, end.Token);
            if (issuer.SigningKeys.Count == 0)
            {
                throw new InvalidDataException("it names no key for signatures");
            }

            _known = new Known(issuer, _time.GetTimestamp());
            _askedAt = _time.GetTimestamp();
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            // Counted from the end, so that those who waited for this question do not ask the next one each.
            _askedAt = _time.GetTimestamp();
            LogUnreachable(_address, exception.GetBaseException().Message);
        }
        finally
        {
            _asking.Release();
        }

        return _known?.Issuer;
    }

    [LoggerMessage(3304, LogLevel.Warning, "The issuer's metadata at {Address} cannot be used: {Reason}")]
    private partial void LogUnreachable(string address, string reason);

    /// <param name="At">When it was said.</param>
    private sealed record Known(OpenIdConnectConfiguration Issuer, long At);
}
