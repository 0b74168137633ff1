using System.Net;
using Mesh.Abstractions.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Abstractions.Tests.Connections;

public class FailedLoginsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Ten_a_minute_may_fail_from_one_place()
    {
        var failures = new FailedLogins(_time);
        var here = IPAddress.Parse("10.0.0.1");
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(failures.Count(here));
        }

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(TimeSpan.FromSeconds(40), failures.Count(here));
        Assert.Equal(TimeSpan.FromSeconds(40), failures.Count(IPAddress.Parse("::ffff:10.0.0.1")));
        Assert.Null(failures.Count(IPAddress.Parse("10.0.0.2")));
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(failures.Count(here));
    }

    [Fact]
    public void A_network_of_IPv6_is_one_place()
    {
        var failures = new FailedLogins(_time);
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(failures.Count(IPAddress.Parse($"2001:db8:1:1::{i}")));
        }

        Assert.NotNull(failures.Count(IPAddress.Parse("2001:db8:1:1:ffff::1")));
        Assert.Null(failures.Count(IPAddress.Parse("2001:db8:1:2::1")));
    }

    [Fact]
    public void No_number_of_places_takes_memory_without_end_and_those_beyond_are_one()
    {
        var failures = new FailedLogins(_time);
        for (var i = 0; i < 10_000; i++)
        {
            failures.Count(new IPAddress((long)i + 1));
        }

        for (var i = 0; i < 10; i++)
        {
            failures.Count(new IPAddress(0x01000000L + i));
        }

        Assert.NotNull(failures.Count(new IPAddress(0x02000000L)));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(failures.Count(new IPAddress(0x03000000L)));
    }
}
