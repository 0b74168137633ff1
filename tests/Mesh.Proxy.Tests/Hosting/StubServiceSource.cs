using System.Collections.Concurrent;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>Answers what the test put in, and remembers what it was asked.</summary>
internal sealed class StubServiceSource : IServiceSource
{
    private readonly ConcurrentDictionary<string, Func<ServiceLookup>> _answers = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What hosts without an answer of their own get.</summary>
    public LookupFailure Otherwise { get; set; } = LookupFailure.UnknownService;

    public void Answer(string host, Func<ServiceLookup> lookup) => _answers[host] = lookup;

    public async ValueTask<ServiceLookup> FindAsync(string host, CancellationToken cancellationToken)
    {
        Asked.Enqueue(host);
        await Task.Yield();
        return _answers.TryGetValue(host, out var answer) ? answer() : ServiceLookup.Failed(Otherwise);
    }
}
