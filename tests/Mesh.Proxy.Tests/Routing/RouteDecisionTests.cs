using Mesh.Abstractions.Validation;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Routing;

/// <summary>Decides each case of the tables without a connection.</summary>
public sealed class RouteDecisionTests
{
    public static TheoryData<string> Cases => RouteCases.Names();

    [Fact]
    public void There_are_enough_cases() => Assert.True(RouteCases.All.Count >= 160, $"there are {RouteCases.All.Count}");

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Decides(string name)
    {
        var one = RouteCases.All[name];
        Assert.Empty(SpecValidator.Check(one.Spec!));
        var random = new Random(7);
        var table = new ServiceTable("shop", new ServiceModelCompiler(TimeProvider.System, random), TimeProvider.System, NullLogger<ServiceTable>.Instance);
        Assert.Null(table.Apply(Of("shop/web", 1, one.Spec, At(1)), isAuthoritative: true).Rejected);
        var service = table.GetOrAdd(new("shop", "web"));
        var context = Context(one.Request);

        var match = service.Model!.Routes.Find(context.Request, one.Request.Caller);

        Assert.Equal(one.Expect.Rule, match?.Rule.Name);
        Assert.Equal(one.Expect.Rule, FindByComparing(service.Model.Routes, context.Request, one.Request.Caller)?.Rule.Name);
        if (match is null)
        {
            return;
        }

        var filters = match.Rule.Filters;
        var isAnswered = filters is not null && await filters.TryAnswerAsync(context, match, service, TimeProvider.System.GetTimestamp());
        Assert.Equal(one.Expect.Status is not null, isAnswered);
        if (!isAnswered)
        {
            CheckForwarded(one, new OutboundCall
            {
                Context = context,
                Arrived = 0,
                Service = service,
                Rule = match.Rule,
                Backend = match.Rule.PickBackend(random)!,
                PrefixSegments = match.Path.PrefixSegments,
            });
            foreach (var (header, value) in one.Answer)
            {
                context.Response.Headers[header] = value;
            }
        }

        if (!CorsFilter.IsPreflight(context.Request))
        {
            filters?.Cors?.Write(context.Request.Headers, context.Response.Headers);
        }

        Assert.Equal(one.Expect.Status ?? 200, context.Response.StatusCode);
        Assert.Equal(one.Expect.Location ?? "", context.Response.Headers.Location.ToString());
        foreach (var (header, value) in one.Expect.Headers)
        {
            Assert.Equal((header, value), (header, context.Response.Headers[header].ToString()));
        }
    }

    private static void CheckForwarded(RouteCase one, OutboundCall call)
    {
        Assert.Equal(one.Expect.Target ?? RequestTarget.PathAndQuery(call.Context), RequestTarget.PathAndQuery(call));
        Assert.Equal(one.Expect.Host ?? one.Request.Host, call.Changes?.Rewrite?.Hostname ?? one.Request.Host);
    }

    /// <summary>What the look-ups by path must agree with: the first in order of precedence.</summary>
    private static RouteEntry? FindByComparing(RouteTable routes, HttpRequest request, CallerIdentity caller)
    {
        foreach (var entry in routes.Entries)
        {
            if (entry.Matches(RequestFacts.Of(request, caller)))
            {
                return entry;
            }
        }

        return null;
    }

    private static DefaultHttpContext Context(RouteCaseRequest request)
    {
        var context = new DefaultHttpContext();
        var query = request.Target.IndexOf('?', StringComparison.Ordinal);
        context.Request.Method = request.Method;
        context.Request.Scheme = request.Scheme;
        context.Request.Host = new HostString(request.Host);
        context.Request.Path = Normalise(query < 0 ? request.Target : request.Target[..query]);
        context.Request.QueryString = new QueryString(query < 0 ? "" : request.Target[query..]);
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = request.Target;
        foreach (var (header, value) in request.Headers)
        {
            context.Request.Headers[header] = value;
        }

        return context;
    }

    /// <summary>What a server makes of a path: decoded but for slashes, then without dot segments (RFC 3986, section 5.2.4).</summary>
    private static PathString Normalise(string path)
    {
        var kept = new List<string>();
        var segments = PathString.FromUriComponent(path).Value!.Split('/')[1..];
        foreach (var (segment, index) in segments.Select(static (segment, index) => (segment, index)))
        {
            if (segment == ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }

            if (segment is not ("." or ".."))
            {
                kept.Add(segment);
            }
            else if (index == segments.Length - 1)
            {
                kept.Add("");
            }
        }

        return new PathString("/" + string.Join('/', kept));
    }
}
