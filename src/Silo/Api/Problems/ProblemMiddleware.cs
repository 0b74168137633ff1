using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Json;
using Mesh.Silo.Api.Audit;
using Microsoft.AspNetCore.WebUtilities;

namespace Mesh.Silo.Api.Problems;

/// <summary>
/// Makes every error a problem document: those thrown, and those that the framework answers with a bare status
/// (unknown routes, methods, media types). The texts never hold a stack trace or an exception's message from inside.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    private const string MaybeStored =
        "The region's store or a silo did not answer in time. The write may or may not have been stored: read the resource before you repeat it.";

    private const string NotRead = "The region's store or a silo did not answer in time. Try again.";

    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null or 0 })
            {
                await Write(context, OfStatus(context, context.Response.StatusCode), NoHeaders);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var (problem, headers) = Explain(context, exception);
            context.Response.Clear();
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await Write(context, problem, headers);
        }
    }

    private (Problem Problem, IReadOnlyDictionary<string, string> Headers) Explain(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case ApiException api:
                return (api.Problem, api.Headers);
            case BadHttpRequestException bad:
                return (OfStatus(context, bad.StatusCode), NoHeaders);
            case StoreUnavailableException or TimeoutException or OrleansException or OperationCanceledException:
                LogUnavailable(context.Request.Method, AuditText.PathOf(context.Request), exception.Message);
                var unavailable = ApiException.Unavailable(IsRead(context.Request) ? NotRead : MaybeStored);
                return (unavailable.Problem, unavailable.Headers);
            case InvalidDataException unreadable:
                // Told in full: it says which record it is and what to do about it.
                LogFailed(exception, context.Request.Method, AuditText.PathOf(context.Request));
                return (OfStatus(context, StatusCodes.Status500InternalServerError) with { Detail = unreadable.Message }, NoHeaders);
            default:
                LogFailed(exception, context.Request.Method, AuditText.PathOf(context.Request));
                return (OfStatus(context, StatusCodes.Status500InternalServerError), NoHeaders);
        }
    }

    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static Problem OfStatus(HttpContext context, int status) => new()
    {
        Type = "about:blank",
        Title = ReasonPhrases.GetReasonPhrase(status),
        Status = status,
        Detail = status switch
        {
            StatusCodes.Status404NotFound => "There is no such path; /openapi/v1.json lists those there are.",
            StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not possible here; the Allow header lists what is.",
            StatusCodes.Status413PayloadTooLarge => "The body is too large.",
            StatusCodes.Status415UnsupportedMediaType =>
                "The body must be sent with Content-Type: application/json (/v1/apply also takes application/yaml).",
            StatusCodes.Status500InternalServerError => "An unexpected error; the silo's log has it. Nothing is known about the outcome.",
            _ => "The request cannot be processed.",
        },
    };

    private static Task Write(HttpContext context, Problem problem, IReadOnlyDictionary<string, string> headers)
    {
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        var body = MeshJson.Encode(problem with { Instance = context.Request.Path });
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = Problem.MediaType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} could not be answered: {Reason}")]
    private partial void LogUnavailable(string method, string path, string reason);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, string path);
}
