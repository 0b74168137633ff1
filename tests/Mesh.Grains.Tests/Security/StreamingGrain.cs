using Orleans.Runtime;

namespace Mesh.Grains.Tests.Security;

[GrainType("streaming")]
internal sealed class StreamingGrain : Grain, IStreamingGrain
{
    public async IAsyncEnumerable<int> Numbers()
    {
        for (var i = 0; i < 3; i++)
        {
            yield return i;
            await Task.Yield();
        }
    }
}
