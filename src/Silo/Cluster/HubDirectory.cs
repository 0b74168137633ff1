using Mesh.Grains.Push;

namespace Mesh.Silo.Cluster;

/// <summary>The push hubs of all active silos, asked at once; a silo that does not answer is left out.</summary>
internal sealed partial class HubDirectory(IClusterMembershipService membership, IPushHubClient hubs, ILogger<HubDirectory> logger)
{
    public IEnumerable<SiloAddress> ActiveSilos => membership.CurrentSnapshot.Members.Values
        .Where(static member => member.Status == SiloStatus.Active)
        .Select(static member => member.SiloAddress);

    /// <returns>The answers of the hubs that have one.</returns>
    public async Task<IReadOnlyList<T>> Ask<T>(Func<IPushHub, Task<T?>> question)
        where T : class
    {
        var answers = await Task.WhenAll(ActiveSilos.Select(silo => Ask(silo, question)));
        return [.. answers.OfType<T>()];
    }

    private async Task<T?> Ask<T>(SiloAddress silo, Func<IPushHub, Task<T?>> question)
        where T : class
    {
        try
        {
            return await question(hubs.At(silo));
        }
        catch (Exception exception)
        {
            LogSilent(silo, exception.Message);
            return null;
        }
    }

    [LoggerMessage(3101, LogLevel.Information, "Silo {Silo} did not answer and is left out: {Reason}")]
    private partial void LogSilent(SiloAddress silo, string reason);
}
