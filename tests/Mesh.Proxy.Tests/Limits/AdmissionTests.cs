using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Limits;

public sealed class AdmissionTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_request_that_was_delayed_is_judged_by_what_is_left_now()
    {
        var table = new ServiceTable("shop", new ServiceModelCompiler(_time, new Random(7)), _time, NullLogger<ServiceTable>.Instance);
        var limit = new RateLimit { Requests = 1, Per = TimeSpan.FromSeconds(1) };
        table.Apply(Of("shop/web", 1, new ServiceSpec { Traffic = new TrafficPolicy { RateLimit = limit } }), isAuthoritative: true);
        var service = table.GetOrAdd(new("shop", "web"));
        var model = service.Model!;
        var admission = new Admission(new RateShareRequests(), _time);
        var delayed = Arrive();
        Assert.Null(await admission.EnterAsync(Arrive(), model, gate: null));
        Assert.NotNull(await admission.EnterAsync(delayed, model, gate: null));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await admission.EnterAsync(delayed, model, gate: null));

        OutboundCall Arrive() => new()
        {
            Context = new DefaultHttpContext(),
            Arrived = _time.GetTimestamp(),
            Service = service,
            Rule = model.Rules[0],
            Backend = model.Rules[0].Backends[0],
        };
    }
}
