using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Access.External;

/// <summary>Asks the server that a policy names about requests; see <see cref="ExternalAuthorization"/>.</summary>
internal sealed class ExternalAuthorizer(TimeProvider time) : IDisposable
{
    /// <summary>Questions that may be open at once; a server that is slow must not hold all requests there are.</summary>
    public const int MaxInFlight = 1_000;

    private static readonly TimeSpan MaxTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _client = new(CreateHandler(), disposeHandler: true);
    private int _inFlight;
    private long _unasked;

    /// <summary>Requests that were let in because the server could not be asked, since the start.</summary>
    public long LetInUnasked => Volatile.Read(ref _unasked);

    /// <summary>Asks. The request's <see cref="ExternalAuthorization.ResponseHeaders"/> are the answer's afterwards, whatever it was: in audit mode a refused one goes on.</summary>
    /// <param name="callerIdentity">The <c>x-forwarded-client-cert</c> of a caller who proved it; else null.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>: the caller went away.</exception>
    public async ValueTask<ExternalAnswer> AskAsync(
        ExternalAuthorization settings, HttpContext context, string? callerIdentity, CancellationToken cancellationToken)
    {
        if (!AbsoluteUri.TryParse(settings.Url, out var url) || url.Scheme is not ("http" or "https"))
        {
            return Unavailable(settings, context, "the URL of the server that is asked about requests is not one; mend \"external\" of the service's access policy");
        }

        if (Interlocked.Increment(ref _inFlight) > MaxInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            return Unavailable(settings, context, "too many requests wait for the server that is asked about them");
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromTicks(Math.Clamp(settings.Timeout.Ticks, TimeSpan.TicksPerMillisecond, MaxTimeout.Ticks)), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var question = ExternalQuestion.Create(url, context, callerIdentity);
            using var answer = await _client.SendAsync(question, either.Token);
            return Judge(settings, context, answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unavailable(settings, context, "the server that is asked about requests did not answer in time");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Unavailable(settings, context, "the server that is asked about requests cannot be reached");
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    public void Dispose() => _client.Dispose();

    private ExternalAnswer Judge(ExternalAuthorization settings, HttpContext context, HttpResponseMessage answer)
    {
        var isAllowed = (int)answer.StatusCode is >= 200 and < 300;
        Apply(settings, context.Request.Headers, isAllowed ? answer : null);
        switch ((int)answer.StatusCode)
        {
            case >= 200 and < 300:
                return new ExternalAnswer(ExternalOutcome.Allowed);
            case 401:
                return new ExternalAnswer(
                    ExternalOutcome.Unauthenticated,
                    Values(answer.Headers, "www-authenticate"),
                    "the server that is asked about requests wants to know who calls");
            case >= 300 and < 500:
                return new ExternalAnswer(ExternalOutcome.Denied, Reason: "the server that is asked about requests refused this one");
            default:
                return Unavailable(settings, context, "the server that is asked about requests failed");
        }
    }

    private ExternalAnswer Unavailable(ExternalAuthorization settings, HttpContext context, string reason)
    {
        // The application believes these to come from the server, whether it was asked or not.
        Apply(settings, context.Request.Headers, answer: null);
        if (!settings.FailOpen)
        {
            return new ExternalAnswer(ExternalOutcome.Unavailable, Reason: reason);
        }

        Interlocked.Increment(ref _unasked);
        return new ExternalAnswer(ExternalOutcome.AllowedUnasked, Reason: reason);
    }

    private static void Apply(ExternalAuthorization settings, IHeaderDictionary headers, HttpResponseMessage? answer)
    {
        for (var i = 0; i < settings.ResponseHeaders.Count; i++)
        {
            var name = settings.ResponseHeaders[i];
            if (ExternalQuestion.IsOfConnection(name))
            {
                continue;
            }

            var values = answer is null ? StringValues.Empty : Values(answer.Headers, name);
            if (values.Count == 0 && answer is not null)
            {
                values = Values(answer.Content.Headers, name);
            }

            // Removed first: a name's case and number of values are the answer's, never the caller's.
            headers.Remove(name);
            if (values.Count > 0)
            {
                headers[name] = values;
            }
        }
    }

    private static StringValues Values(HttpHeaders headers, string name)
    {
        if (!headers.NonValidated.TryGetValues(name, out var found))
        {
            return StringValues.Empty;
        }

        var values = new string[found.Count];
        var i = 0;
        foreach (var value in found)
        {
            values[i++] = value;
        }

        return values;
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ActivityHeadersPropagator = null,

        // A question's own time is the limit.
        ConnectTimeout = MaxTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),

        // In KiB.
        MaxResponseHeadersLength = 64,

        // A body means nothing here; a long one costs its connection.
        MaxResponseDrainSize = 64 * 1024,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    };
}
