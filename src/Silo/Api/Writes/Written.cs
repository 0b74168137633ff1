using Mesh.Abstractions.Writes;
using Mesh.Silo.Api.Responses;

namespace Mesh.Silo.Api.Writes;

/// <summary>Answers a write that was done with what is there now.</summary>
internal static class Written
{
    public static IResult Answer(HttpContext context, Representation representation, WriteResult result) => result.Created
        ? new RepresentationResult(representation, StatusCodes.Status201Created, context.Request.Path.ToUriComponent())
        : new RepresentationResult(representation);
}
