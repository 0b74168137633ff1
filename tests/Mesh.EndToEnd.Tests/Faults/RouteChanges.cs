namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>
/// Changes <see cref="FaultyMesh.Web"/> without pause through the management API: the weights of its rule's backends, the
/// weights of endpoints, and a rule that comes and goes. Every write has to succeed.
/// </summary>
internal sealed class RouteChanges : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(150);

    private const string Routes = $"/v1/services/{FaultyMesh.Web}/routes";

    private readonly FaultyMesh _mesh;
    private readonly Random _random;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _changing;
    private bool _hasAnotherRule;

    private RouteChanges(FaultyMesh mesh, int seed)
    {
        _mesh = mesh;
        _random = new Random(seed);
        _changing = Task.Run(ChangeSteadily);
    }

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    public static RouteChanges Start(FaultyMesh mesh, int seed) => new(mesh, seed);

    /// <summary>Ends with a rule that shares the load, and all endpoints alike.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">A write failed.</exception>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _changing;
        await _mesh.Silo.Api.Write($"{Routes}/all", FaultyMesh.RetryingRule(50));
        foreach (var application in _mesh.Applications)
        {
            await Weigh(application, 1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _changing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ChangeSteadily()
    {
        using var timer = new PeriodicTimer(Period, TimeProvider.System);
        while (!_stop.IsCancellationRequested)
        {
            await (_random.Next(3) switch
            {
                0 => _mesh.Silo.Api.Write($"{Routes}/all", FaultyMesh.RetryingRule(_random.Next(20, 80))),
                1 => Weigh(_mesh.Applications[_random.Next(_mesh.Applications.Count)], _random.Next(1, 4)),
                _ => ToggleAnotherRule(),
            });
            Count++;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private Task Weigh(FaultyApplication application, int weight) => _mesh.Silo.Api.Write(
        $"/v1/services/{FaultyMesh.Web}/endpoints/{application.Name}", FaultyMesh.EndpointJson(application, weight));

    private async Task ToggleAnotherRule()
    {
        if (_hasAnotherRule)
        {
            using var answer = await _mesh.Silo.Api.DeleteAsync($"{Routes}/other");
            Assert.True(answer.IsSuccessStatusCode, $"DELETE {Routes}/other: {(int)answer.StatusCode}");
        }
        else
        {
            await _mesh.Silo.Api.Write($"{Routes}/other", """
                { "name": "other", "matches": [{ "path": { "type": "PathPrefix", "value": "/other" } }], "backendRefs": [{ "name": "turns" }] }
                """);
        }

        _hasAnotherRule = !_hasAnotherRule;
    }
}
