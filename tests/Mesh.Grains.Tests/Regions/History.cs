using Mesh.Abstractions.Access;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Regions;

/// <summary>
/// What happened to one service in three regions, made from numbers: writes, and deliveries of any state a region ever
/// had, so late, out of order, again, or never.
/// </summary>
internal sealed class History
{
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private readonly List<(ServiceRecord Record, string From)> _sent = [];

    public Region[] Regions { get; } = [new("ap"), new("eu"), new("us")];

    /// <summary>The write with the highest stamp of each register, with its value.</summary>
    public Dictionary<string, (Stamp At, string? Json)> Newest { get; } = [];

    /// <summary>The latest each region's own clock has shown.</summary>
    public Dictionary<string, DateTimeOffset> Latest { get; } = [];

    /// <param name="skew">How far each region's clock is off.</param>
    /// <param name="step">How much time passes with each step, at most.</param>
    public static History Of(IReadOnlyList<(int Where, int What, int Which, int Other)> steps, TimeSpan[] skew, TimeSpan step)
    {
        var history = new History();
        for (var i = 0; i < 3; i++)
        {
            history.Regions[i].Now += skew[i];
        }

        foreach (var (where, what, which, other) in steps)
        {
            foreach (var region in history.Regions)
            {
                region.Now += step * (other / 100.0);
                history.Latest[region.Name] = region.Now;
            }

            history.Do(history.Regions[where], what, which, other);
        }

        return history;
    }

    private void Do(Region region, int what, int which, int other)
    {
        var name = Names[which % Names.Length];
        var spec = region.Record.Spec;
        switch (what)
        {
            case < 8:
                if (_sent.Count > 0)
                {
                    var (record, from) = _sent[Math.Max(0, _sent.Count - 1 - which)];
                    if (from != region.Name)
                    {
                        region.Hear(record, from);
                    }
                }

                return;
            case 8:
                Write(region, new PutSpec(new ServiceSpec { Hosts = [$"{name}.example"], Routes = [Rule(name, other)] }));
                break;
            case 9 when spec is not null && other < 50:
                Write(region, new PutSpec(spec with { Access = Access(spec.Access, name, other) }));
                break;
            case 9 when spec is not null:
                Write(region, new PutSpec(spec with { Routes = [.. spec.Routes.Reverse()], Hosts = [$"{name}.example", .. spec.Hosts.Where(host => host != $"{name}.example")] }));
                break;
            case 10 when spec is not null:
                Write(region, new PutSpec(spec with { Routes = [Rule(name, other), .. spec.Routes.Where(rule => rule.Name != name)], Ports = [which + 1] }));
                break;
            case 11 or 12:
                Write(region, new PutRule(Rule(name, other)));
                break;
            case 13:
                Write(region, new DeleteRule(name));
                break;
            case 14:
                Write(region, new PutTraffic(new TrafficPolicy { RetryBudget = new() { Percent = other }, Limits = which % 2 == 0 ? new() : null }));
                break;
            case 15 when other < 40:
                Write(region, new DeleteService());
                break;
            case 16:
                Write(region, Region.Instance(name));
                break;
            case 17:
                Write(region, Region.Instance(name, EndpointSource.Api));
                break;
            case 18:
                Write(region, new RemoveEndpoints([name]));
                break;
        }

        _sent.Add((region.Record, region.Name));
    }

    private void Write(Region region, ServiceCommand command)
    {
        var before = region.Record.Registers;
        region.Write(command);
        foreach (var (key, state) in RecordRegisters.Of(region.Record))
        {
            var at = state.Register.At;
            if (before.GetValueOrDefault(key)?.At != at && (!Newest.TryGetValue(key, out var newest) || newest.At < at))
            {
                Newest[key] = (at, state.Json);
            }
        }
    }

    /// <summary>One rule more, or another one, or one less; in an order of the author's own.</summary>
    private static AccessPolicy Access(AccessPolicy? before, string name, int other)
    {
        var rules = (before?.Rules ?? []).Where(rule => rule.Name != name);
        AccessRule[] added = other % 3 == 0 ? [] : [new AccessRule { Name = name, Action = (AccessAction)(other % 2) }];
        return new AccessPolicy { Default = (AccessDefault)(other % 3), Rules = [.. added, .. rules] };
    }

    private static RouteRule Rule(string name, int value) => new() { Name = name, Timeouts = new RouteTimeouts { Request = TimeSpan.FromSeconds(value + 1) } };
}
