using Mesh.Abstractions.Grains;
using Mesh.Grains.Identity;

namespace Mesh.Silo.Identity;

/// <summary>
/// Keeps what silos have in the store for identities from getting lost, as <see cref="Store.MembershipGuard"/> does for the
/// membership table: every silo remembers it, and whoever first finds it gone puts it back.
/// </summary>
/// <param name="secret">Null where it is not in the store.</param>
internal sealed partial class StoredIdentityGuard(
    AuthorityKeeper authority, ClusterSecret? secret, TimeProvider time, ILogger<StoredIdentityGuard> logger) : BackgroundService
{
    /// <summary>How often it is looked at: a silo that starts after a loss waits for it (<see cref="Hosting.SiloDoors"/>), a few times as long.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private string? _failure;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await Look();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    internal async Task Look()
    {
        // Each by itself: one that is damaged does not keep the other from being put back.
        var failures = new List<string>();
        await Try(authority.KeepStored, failures);
        if (secret is not null)
        {
            await Try(secret.KeepStored, failures);
        }

        var failure = failures.Count == 0 ? null : string.Join(' ', failures);
        if (failure is not null && failure != _failure)
        {
            LogFailed(failure);
        }

        _failure = failure;
    }

    private static async Task Try(Func<Task> look, List<string> failures)
    {
        try
        {
            await look();
        }
        catch (StoreUnavailableException)
        {
            // Nothing can be said of what is stored while the store is away; what is remembered stays.
        }
        catch (Exception exception)
        {
            // Whatever it is, the silo goes on with what it has.
            failures.Add(exception.Message);
        }
    }

    [LoggerMessage(3315, LogLevel.Warning, "What the store has for identities cannot be looked at; this silo goes on with what it has: {Reason}")]
    private partial void LogFailed(string reason);
}
