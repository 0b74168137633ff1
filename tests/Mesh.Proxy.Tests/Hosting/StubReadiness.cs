using Mesh.Proxy.Admin;

namespace Mesh.Proxy.Tests.Hosting;

internal sealed class StubReadiness : IReadiness
{
    public IReadOnlyList<string> Obstacles { get; set; } = [];
}
