namespace Mesh.Silo.Api.Responses;

/// <summary>Answers with a resource.</summary>
internal sealed class RepresentationResult(Representation representation, int status = StatusCodes.Status200OK, string? location = null) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.Headers.ETag = representation.EntityTag;
        response.Headers.CacheControl = "no-cache";
        if (location is not null)
        {
            response.Headers.Location = location;
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = representation.Json.Length;
        return response.Body.WriteAsync(representation.Json, httpContext.RequestAborted).AsTask();
    }
}
