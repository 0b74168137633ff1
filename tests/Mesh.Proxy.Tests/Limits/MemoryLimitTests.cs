using Mesh.Proxy.Limits;

namespace Mesh.Proxy.Tests.Limits;

public sealed class MemoryLimitTests
{
    [Theory]
    [InlineData("1000\n", 750, 1000)]
    [InlineData("1000\n", 5000, 1000)]
    [InlineData("1000\n", 200, 200)]
    [InlineData("max\n", 750, 750)]
    [InlineData("", 750, 750)]
    [InlineData("0", 750, 750)]
    [InlineData(null, 750, 750)]
    public void Is_the_containers_unless_the_heap_has_one_of_its_own(string? container, long heap, long expected) =>
        Assert.Equal(expected, MemoryLimit.Of(container, heap));

    [Fact]
    public void There_is_one() => Assert.True(MemoryLimit.Read() > 0);
}
