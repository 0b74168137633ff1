namespace Mesh.Grains.Tests.Security;

/// <summary>A grain that is not for proxies, with a stream of results.</summary>
public interface IStreamingGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> Numbers();
}
