using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Naming;
using Mesh.Grains;
using Mesh.Grains.Audit;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Silo.Tests.Api.Audit;

public sealed class AuditMiddlewareTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();
    private readonly RefusalFold _fold;
    private readonly AuditLog _log;

    public AuditMiddlewareTests()
    {
        _log = new AuditLog(_services.GetRequiredService<IMeterFactory>(), NullLoggerFactory.Instance);
        _fold = new RefusalFold(new ApiAccessSettings(IsRequired: true), _time);
    }

    public void Dispose()
    {
        _log.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task A_client_that_left_does_not_hide_what_was_done()
    {
        await Run(Request(new CancellationToken(canceled: true)), static context =>
        {
            AuditTrail.Of(context).Begin();
            AuditTrail.Of(context).Add(new ServiceName("shop", "web"), 7);
            return Task.CompletedTask;
        });

        var entry = Assert.Single(Recorded(_log.Accepted));
        Assert.Equal((499, 7), (entry.Status, Assert.Single(entry.Changes).Revision));
    }

    [Fact]
    public async Task A_client_that_left_while_it_was_not_known_what_would_be_done_counts_as_accepted()
    {
        await Run(Request(new CancellationToken(canceled: true)), static context =>
        {
            AuditTrail.Of(context).Begin();
            return Task.CompletedTask;
        });

        Assert.Equal(499, Assert.Single(Recorded(_log.Accepted)).Status);
    }

    [Fact]
    public async Task A_client_that_left_before_anything_was_begun_counts_as_refused()
    {
        await Run(Request(new CancellationToken(canceled: true)), static _ => Task.CompletedTask);

        Assert.Equal(499, Assert.Single(Recorded(_log.Refused)).Status);
    }

    [Fact]
    public async Task An_exception_that_nobody_answers_is_recorded_once_and_goes_on()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Run(Request(), static _ => throw new InvalidOperationException()));

        Assert.Equal(500, Assert.Single(Recorded(_log.Refused)).Status);
    }

    [Theory]
    [InlineData("GET", 0)]
    [InlineData("HEAD", 0)]
    [InlineData("OPTIONS", 0)]
    [InlineData("PUT", 1)]
    [InlineData("POST", 1)]
    [InlineData("DELETE", 1)]
    [InlineData("PATCH", 1)]
    public async Task Only_what_may_change_something_is_recorded(string method, int entries)
    {
        var context = Request();
        context.Request.Method = method;
        await Run(context, static _ => Task.CompletedTask);

        Assert.Equal(entries, Recorded(_log.Accepted).Count);
    }

    [Theory]
    [InlineData("::ffff:10.0.0.7", "10.0.0.7")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    public async Task The_address_is_the_connections_in_its_plain_form(string address, string expected)
    {
        var context = Request();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Headers["X-Forwarded-For"] = "192.0.2.1";
        await Run(context, static _ => Task.CompletedTask);

        Assert.Equal(expected, Assert.Single(Recorded(_log.Accepted)).From);
    }

    [Fact]
    public async Task Refusals_of_those_who_do_not_say_who_they_are_are_recorded_once_a_minute()
    {
        for (var i = 0; i < 100; i++)
        {
            await Refuse("10.0.0.1", 401);
            await Refuse("10.0.0.1", 429);
            await Refuse("10.0.0.2", 401);
        }

        Assert.Equal(3, Recorded(_log.Refused).Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Refuse("10.0.0.1", 401);
        Assert.Single(Recorded(_log.Refused));
    }

    [Fact]
    public async Task Refusals_of_those_who_are_known_are_all_recorded()
    {
        for (var i = 0; i < 3; i++)
        {
            await Refuse("10.0.0.1", 403, new ApiPrincipal("token:ci", []));
        }

        Assert.Equal(3, Recorded(_log.Refused).Count);
    }

    [Fact]
    public async Task What_is_asked_of_paths_that_there_are_not_is_not_stored()
    {
        var context = Request();
        context.SetEndpoint(null);
        await Run(context, static context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });

        Assert.Empty(Recorded(_log.Refused));
    }

    private Task Refuse(string address, int status, ApiPrincipal? principal = null)
    {
        var context = Request();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Features.Set(principal);
        return Run(context, context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
    }

    private static DefaultHttpContext Request(CancellationToken aborted = default)
    {
        var context = new DefaultHttpContext { RequestAborted = aborted, Request = { Method = "PUT", Path = "/v1/services/shop/web" } };
        context.SetEndpoint(new Endpoint(null, EndpointMetadataCollection.Empty, "test"));
        return context;
    }

    private static List<AuditEntry> Recorded(AuditQueue queue)
    {
        var entries = new List<AuditEntry>();
        queue.Fill(entries, limit: 100);
        return entries;
    }

    private Task Run(HttpContext context, RequestDelegate next) => new AuditMiddleware(
        next, _log, _fold, new AuditId(TimeProvider.System), new AuditSettings("s1", 100), new MeshRegion("local"), TimeProvider.System).InvokeAsync(context);
}
