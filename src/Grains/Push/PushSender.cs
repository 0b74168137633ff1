using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Snapshots;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Push;

/// <summary>
/// In whose name a silo calls its proxies. An Orleans client sends an answer through any of its gateways, so a gateway
/// has to let in answers to what another silo asked, and cannot know whether that silo did. The sender asks nothing but
/// proxies: who forges an answer to it deceives a silo about what a proxy applied, until that proxy's next renewal, and
/// about nothing else. What the hubs ask of grains goes out in their own name, to which gateways let nothing in.
/// </summary>
internal sealed class PushSender(GrainId id, Silo silo, ILoggerFactory loggers) : GrainService(id, silo, loggers)
{
    public static readonly GrainType Type = GrainType.Create("sys.svc.mesh.push");

    public static readonly GrainId Id = GrainId.Create(Type, IdSpan.Create("push"));

    public Task<PushAck> Push(IProxyObserver observer, EncodedSnapshot snapshot) => Call(() => observer.Push(snapshot));

    public Task<Explanation> Explain(IProxyObserver observer, ExplainRequest request) => Call(() => observer.Explain(request));

    private Task<T> Call<T>(Func<Task<T>> call)
    {
        var task = new Task<Task<T>>(call);
        Scheduler.QueueTask(task);
        return task.Unwrap();
    }
}
