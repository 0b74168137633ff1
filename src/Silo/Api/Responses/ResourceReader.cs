using Mesh.Grains.Storage;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Watching;

namespace Mesh.Silo.Api.Responses;

/// <summary>Answers every read in one of its three forms: the state, "you have it" (304), or a stream of states.</summary>
internal sealed class ResourceReader(
    IChangeFeed feed, WatcherLimit limit, ApiAuthenticator authenticator, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <param name="read">Reads the resource; null when it does not exist.</param>
    /// <param name="missing">The message when it does not exist, also at the start of a stream.</param>
    public async Task<IResult> Answer(HttpContext context, Func<Task<Representation?>> read, WatchScope scope, string missing)
    {
        var current = await read() ?? throw ApiException.NotFound(missing);
        if (context.Request.IsWatch())
        {
            return new WatchResult(current, read, scope, feed, limit, IsAllowed, time, lifetime.ApplicationStopping);
        }

        return Preconditions.IsNotModified(context.Request, current.EntityTag)
            ? new NotModifiedResult(current.EntityTag)
            : new RepresentationResult(current);

        // Who did not have to say who they are, for this path or at all, has nothing that could end.
        ValueTask<bool> IsAllowed() => context.Features.Get<ApiPrincipal>() is null ? ValueTask.FromResult(true) : authenticator.IsStillGood(context);
    }
}
