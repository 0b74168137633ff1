using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Naming;
using Mesh.Silo.Api.Audit;
using Microsoft.AspNetCore.Http;

namespace Mesh.Silo.Tests.Api.Audit;

public class AuditTrailTests
{
    [Fact]
    public void Changes_of_many_threads_are_all_there_in_the_order_of_names()
    {
        var trail = new AuditTrail();
        Parallel.For(0, AuditEntry.MaxChanges, i => trail.Add(new ServiceName("shop", $"web-{i:00}"), i));

        var (changes, total) = trail.Read();
        Assert.Null(total);
        Assert.Equal(Enumerable.Range(0, AuditEntry.MaxChanges).Select(static i => $"shop/web-{i:00}").Order(StringComparer.Ordinal), changes.Select(static change => change.Service.ToString()));
    }

    [Fact]
    public void What_is_more_than_an_entry_holds_is_counted()
    {
        var trail = new AuditTrail();
        Parallel.For(0, 10_000, i => trail.Add(new ServiceName("shop", $"web-{i}"), i));

        var (changes, total) = trail.Read();
        Assert.Equal((AuditEntry.MaxChanges, 10_000), (changes.Count, total));
    }

    [Fact]
    public void A_request_has_one_trail()
    {
        var context = new DefaultHttpContext();
        Assert.Same(AuditTrail.Of(context), AuditTrail.Of(context));
    }
}
