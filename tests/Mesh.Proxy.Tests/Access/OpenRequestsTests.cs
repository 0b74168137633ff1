using Mesh.Proxy.Access;

namespace Mesh.Proxy.Tests.Access;

public class OpenRequestsTests
{
    [Fact]
    public void Has_what_was_added_and_not_removed_whatever_the_order()
    {
        var open = new OpenRequests();
        var random = new Random(7);
        var held = new List<OpenRequest>();
        for (var i = 0; i < 2000; i++)
        {
            if (held.Count > 0 && random.Next(3) == 0)
            {
                var gone = held[random.Next(held.Count)];
                held.Remove(gone);
                open.Remove(gone);
            }
            else
            {
                var request = new OpenRequest(default, new DefaultHttpContext());
                held.Add(request);
                open.Add(request);
            }
        }

        Assert.Equal(held.ToHashSet(), open.ToList().ToHashSet());
    }

    [Fact]
    public async Task Survives_many_threads()
    {
        var open = new OpenRequests();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                var request = new OpenRequest(default, new DefaultHttpContext());
                open.Add(request);
                if (i % 100 == 0)
                {
                    Assert.NotNull(open.ToList());
                }

                open.Remove(request);
            }
        })));

        Assert.Empty(open.ToList());
    }

    [Fact]
    public void What_is_over_is_not_aborted()
    {
        var open = new OpenRequests();
        var request = new OpenRequest(default, new DefaultHttpContext());
        open.Add(request);
        open.Remove(request);

        Assert.False(request.Abort("why"));
    }
}
