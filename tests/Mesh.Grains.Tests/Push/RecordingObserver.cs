using System.Collections.Concurrent;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Grains.Tests.Push;

/// <summary>A proxy's receiver that keeps what it was pushed, and can be made to hang.</summary>
internal sealed class RecordingObserver : IProxyObserver
{
    public ConcurrentQueue<EncodedSnapshot> Pushed { get; } = new();

    /// <summary>When set, pushes wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public async Task<PushAck> Push(EncodedSnapshot snapshot)
    {
        Pushed.Enqueue(snapshot);
        await Gate;
        return new PushAck(snapshot.Version, null);
    }

    public Task<Explanation> Explain(ExplainRequest request) =>
        Task.FromResult(new Explanation { Proxy = request.Authority, Rules = [new RuleExplanation { Rule = "all", Match = 0, Matches = true }] });
}
