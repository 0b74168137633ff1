using Mesh.Proxy.ControlPlane;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.ControlPlane;

public class UnknownNamesTests
{
    [Fact]
    public void A_name_is_remembered_for_a_second()
    {
        var time = new FakeTimeProvider();
        var names = new UnknownNames(time);
        names.Add("nobody");

        Assert.True(names.Contains("NOBODY"));
        time.Advance(UnknownNames.Validity - TimeSpan.FromMilliseconds(1));
        Assert.True(names.Contains("nobody"));
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.False(names.Contains("nobody"));
        Assert.Equal(0, names.Count);
    }

    [Fact]
    public void However_many_names_are_asked_for_memory_is_bounded()
    {
        var names = new UnknownNames(TimeProvider.System);

        for (var i = 0; i < UnknownNames.Capacity * 3; i++)
        {
            names.Add($"name-{i}");
            Assert.True(names.Count <= UnknownNames.Capacity);
        }
    }
}
