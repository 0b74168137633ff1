using Mesh.Abstractions.Connections;
using Mesh.Silo.Api.Access;

namespace Mesh.Silo.Api.Audit;

/// <summary>
/// Folds refusals of those who did not prove who they are: of each network and status one a minute is recorded, the others are
/// counted. Else anybody could fill the log, and push out of the store what others were refused.
/// </summary>
internal sealed class RefusalFold(ApiAccessSettings access, TimeProvider time)
{
    /// <summary>Networks and statuses that are told apart; of others nothing is recorded.</summary>
    private const int MaxSources = 1000;

    private readonly SourceCounts<(UInt128 Network, int Status)> _seen = new(MaxSources, TimeSpan.FromMinutes(1), time);

    /// <summary>Whether a refusal is to be recorded on its own.</summary>
    public bool IsRecorded(HttpContext context, int status) =>
        !access.IsRequired
        || context.Features.Get<ApiPrincipal>() is not null
        || _seen.Count((SourceNetwork.Of(context.Connection.RemoteIpAddress), status)) is { Count: 1 };
}
