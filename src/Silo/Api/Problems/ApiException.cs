using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Validation;
using Mesh.Grains.Identity;

namespace Mesh.Silo.Api.Problems;

/// <summary>Ends a request with a problem.</summary>
internal sealed class ApiException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;

    /// <summary>Headers the answer needs besides.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static ApiException BadRequest(string detail) => New("bad-request", "The request is malformed", StatusCodes.Status400BadRequest, detail);

    public static ApiException Syntax(string what, JsonSyntaxError error) =>
        New("syntax", $"The body is not {what}", StatusCodes.Status400BadRequest, $"At {error}.");

    public static ApiException Forbidden(string detail) => New("forbidden", "The request is refused", StatusCodes.Status403Forbidden, detail);

    public static ApiException NotFound(string detail) => New("not-found", "There is no such thing", StatusCodes.Status404NotFound, detail);

    public static ApiException Conflict(string detail, IReadOnlyList<SpecError> errors) =>
        New("conflict", "Another service has that name", StatusCodes.Status409Conflict, detail, errors);

    public static ApiException TooLarge(int limit) => New(
        "too-large", "The body is too large", StatusCodes.Status413PayloadTooLarge, $"A body may have at most {limit} bytes here.");

    public static ApiException MediaTypeRefused(string detail) =>
        New("media-type", "The body has the wrong type", StatusCodes.Status415UnsupportedMediaType, detail);

    public static ApiException Invalid(IReadOnlyList<SpecError> errors) => New(
        "invalid",
        "The content is not valid",
        StatusCodes.Status422UnprocessableEntity,
        errors.Count == 1 ? $"One thing is wrong: {errors[0]}." : $"{errors.Count} things are wrong; \"errors\" lists them. Nothing was changed.",
        errors);

    public static ApiException PreconditionFailed(long current) => new(Make(
        "precondition-failed",
        "The precondition does not hold",
        StatusCodes.Status412PreconditionFailed,
        current > 0
            ? $"The resource's entity tag is now {Tag(current)}: read it again, redo the change, and send it with that tag in If-Match."
            : "The resource does not exist."))
    {
        Headers = current > 0 ? new Dictionary<string, string> { ["ETag"] = Tag(current) } : new Dictionary<string, string>(),
    };

    public static ApiException Unavailable(string detail) => new(Make(
        "unavailable", "The control plane cannot answer now", StatusCodes.Status503ServiceUnavailable, detail))
    {
        Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
    };

    public static ApiException TooMany(string detail) => new(Make(
        "too-many", "There are too many requests", StatusCodes.Status429TooManyRequests, detail))
    {
        Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
    };

    /// <param name="isInvalid">There were credentials, and they were no good (RFC 6750, section 3.1).</param>
    public static ApiException Unauthenticated(string detail, bool isInvalid) => new(Make(
        "unauthenticated", "It is not known who asks", StatusCodes.Status401Unauthorized, detail))
    {
        Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = isInvalid ? "Bearer error=\"invalid_token\"" : "Bearer" },
    };

    public static ApiException TooManyFailures(TimeSpan wait) => new(Make(
        "too-many", "There are too many requests", StatusCodes.Status429TooManyRequests, "Too many credentials from this address were no good. Good ones are still taken."))
    {
        Headers = new Dictionary<string, string> { ["Retry-After"] = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture) },
    };

    public static ApiException IdentityRefused(IdentityRefusedException refusal) => refusal.Reason switch
    {
        IdentityRefusal.Request =>
            New("certificate-request", "The request for a certificate is not valid", StatusCodes.Status422UnprocessableEntity, refusal.Message),
        IdentityRefusal.NotSupported =>
            New("proof-not-supported", "This proof of identity is not taken here", StatusCodes.Status403Forbidden, refusal.Message),
        _ => New("proof-refused", "The proof of identity is refused", StatusCodes.Status403Forbidden, refusal.Message),
    };

    /// <summary>An apply that met a store or silo that did not answer.</summary>
    public static ApiException HalfApplied(JsonNode items) => new(Make(
        "unavailable",
        "Not every service was applied",
        StatusCodes.Status503ServiceUnavailable,
        "\"items\" says what became of each service. Apply the same documents again: what is stored already stays as it is.") with { Items = items })
    {
        Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
    };

    private static string Tag(long revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    private static ApiException New(string type, string title, int status, string detail, IReadOnlyList<SpecError>? errors = null) =>
        new(Make(type, title, status, detail) with { Errors = errors });

    private static Problem Make(string type, string title, int status, string detail) => new()
    {
        Type = $"urn:mesh:problem:{type}",
        Title = title,
        Status = status,
        Detail = detail,
    };
}
