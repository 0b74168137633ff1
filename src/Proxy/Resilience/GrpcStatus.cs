using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Mesh.Proxy.Resilience;

/// <summary>How gRPC calls tell how they ended (gRPC over HTTP/2, "Responses").</summary>
internal static class GrpcStatus
{
    public const int DeadlineExceeded = 4;
    public const int ResourceExhausted = 8;
    public const int Internal = 13;
    public const int Unavailable = 14;
    public const int DataLoss = 15;

    /// <summary>What <see cref="Read"/> yields where there is no status.</summary>
    public const int None = -1;

    private const string Header = "grpc-status";
    private const string ContentType = "application/grpc";

    public static bool IsCall(HttpRequest request) => IsCall(request.Headers);

    /// <summary><c>application/grpc</c>, perhaps with a codec or parameters; gRPC-Web is another protocol.</summary>
    public static bool IsCall(IHeaderDictionary headers)
    {
        var type = headers.ContentType.ToString();
        return type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
            && (type.Length == ContentType.Length || type[ContentType.Length] is '+' or ';' or ' ');
    }

    /// <summary><c>application/grpc-web</c> and <c>application/grpc-web-text</c>.</summary>
    public static bool IsWebCall(HttpRequest request) =>
        request.ContentType?.StartsWith($"{ContentType}-web", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The status in the trailers, or in the headers of an answer that has nothing else ("Trailers-Only").</summary>
    public static int Read(HttpHeaders headers) =>
        headers.NonValidated.TryGetValues(Header, out var values)
        && int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : None;

    /// <summary>What callers make of an answer without a gRPC status (gRPC, "HTTP to gRPC Status Code Mapping").</summary>
    public static int FromHttp(int status) => status switch
    {
        400 => Internal,
        401 => 16,
        403 => 7,
        404 => 12,
        429 or 502 or 503 or 504 => Unavailable,
        _ => 2,
    };

    /// <summary>What HTTP has for a gRPC status (<c>google.rpc.Code</c>).</summary>
    public static int ToHttp(int status) => status switch
    {
        1 => 499,
        3 or 9 or 11 => 400,
        DeadlineExceeded => 504,
        5 => 404,
        6 or 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        Unavailable => 503,
        16 => 401,
        _ => 500,
    };

    /// <summary>Whether an answer may be one to a gRPC call: their HTTP status is always 200.</summary>
    public static bool CanBeIn(HttpResponseMessage answer) => answer is { Version.Major: >= 2, StatusCode: HttpStatusCode.OK };

    /// <summary>Failures of the kind that 502, 503 and 504 are in HTTP.</summary>
    public static bool IsGatewayError(int status) => status is Unavailable or DeadlineExceeded;

    /// <summary>Statuses that speak against the endpoint and not against the call.</summary>
    public static bool IsFailure(int status) => status is Unavailable or Internal or DeadlineExceeded or DataLoss;
}
