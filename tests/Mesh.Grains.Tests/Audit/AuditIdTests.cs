using Mesh.Grains.Audit;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Audit;

public class AuditIdTests
{
    [Fact]
    public void Ids_sort_by_time_also_when_the_clock_stands_still_or_goes_back()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var ids = new AuditId(time);
        var made = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            made.Add(ids.Next());
            if (i % 100 == 99)
            {
                time.AdjustTime(time.GetUtcNow().AddSeconds(i == 99 ? 5 : -10));
            }
        }

        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.Equal(300, made.Distinct().Count());
        Assert.All(made, static id => Assert.True(AuditId.IsValid(id), id));
    }

    [Fact]
    public void Silos_never_make_the_same_id()
    {
        var time = new FakeTimeProvider();
        Assert.NotEqual(new AuditId(time).Next(), new AuditId(time).Next());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("08de2b0000000000-0000000")]
    [InlineData("08de2b0000000000-000000000")]
    [InlineData("08de2b00000000000-0000000")]
    [InlineData("08DE2B0000000000-00000000")]
    [InlineData("08de2b0000000000-0000000\n")]
    public void What_is_no_id_is_told(string? text) => Assert.False(AuditId.IsValid(text));
}
