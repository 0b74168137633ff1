namespace Mesh.Silo.Api.Responses;

/// <summary>304: the reader has it already.</summary>
internal sealed class NotModifiedResult(string entityTag) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
        httpContext.Response.Headers.ETag = entityTag;
        httpContext.Response.Headers.CacheControl = "no-cache";
        return Task.CompletedTask;
    }
}
