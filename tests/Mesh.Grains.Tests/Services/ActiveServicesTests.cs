using Mesh.Abstractions.Naming;
using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Services;

public class ActiveServicesTests
{
    private static readonly ServiceName Web = new("shop", "web");
    private readonly ActiveServices _active = new();
    private int _checks;

    [Fact]
    public void Only_active_services_are_marked_and_each_is_taken_once()
    {
        using var activity = _active.Add(Web, Check);

        _active.Mark(Web);
        _active.Mark(Web);
        _active.Mark(new ServiceName("shop", "api"));

        Assert.Equal([Web], _active.TakeMarked());
        Assert.Empty(_active.TakeMarked());
    }

    [Fact]
    public async Task The_end_of_an_activation_leaves_a_later_one_alone()
    {
        var first = _active.Add(Web, Check);
        using var second = _active.Add(Web, Check);

        first.Dispose();
        await _active.Check(Web);

        Assert.Equal(1, _checks);
    }

    [Fact]
    public async Task A_service_that_is_no_longer_active_is_not_checked()
    {
        _active.Add(Web, Check).Dispose();

        _active.MarkAll();
        await _active.Check(Web);

        Assert.Empty(_active.TakeMarked());
        Assert.Equal(0, _checks);
    }

    private Task Check()
    {
        _checks++;
        return Task.CompletedTask;
    }
}
