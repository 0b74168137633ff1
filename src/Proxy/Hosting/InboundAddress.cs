using Mesh.Proxy.Listeners;
using Mesh.Proxy.Registration;

namespace Mesh.Proxy.Hosting;

internal sealed class InboundAddress : IInboundAddress
{
    private readonly Lazy<Uri> _bound;

    public InboundAddress(IServiceProvider services, IHostApplicationLifetime lifetime)
    {
        _bound = new Lazy<Uri>(() => services.GetRequiredService<BoundAddresses>().Inbound!);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lifetime.ApplicationStarted.Register(started.SetResult);
        WhenBound = started.Task;
    }

    public Task WhenBound { get; }

    public string Host => _bound.Value.Host;

    public int Port => _bound.Value.Port;
}
