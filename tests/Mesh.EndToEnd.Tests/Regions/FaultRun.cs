using System.Collections.Concurrent;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>Makes the faults of a plan happen, and mends them.</summary>
internal sealed class FaultRun(RegionFleet fleet, FaultPlan plan, WriteLedger ledger)
{
    /// <summary>Longer than silos wait for each other; see the silo's cluster timings.</summary>
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(6);

    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentDictionary<RegionFault, int> _played = new();

    public string Log => string.Join(Environment.NewLine, _log);

    public IReadOnlyDictionary<RegionFault, int> Played => _played;

    /// <summary>Goes on for <paramref name="length"/>; everything is mended when it ends.</summary>
    public async Task Run(TimeSpan length)
    {
        var end = ledger.Now + length;
        while (ledger.Now < end)
        {
            var round = plan.NextRound();
            var forgets = round.Any(static fault => fault.Forgets);
            if (forgets)
            {
                await fleet.AllFollow();
            }

            await Task.WhenAll(round.Select(Play));
            if (forgets)
            {
                fleet.Regions[round[0].Region].ForgotAt = ledger.Now;
                await fleet.AllFollow();
            }
        }
    }

    private async Task Play(PlannedFault fault)
    {
        await Pause(fault.Delay);
        var region = fleet.Regions[fault.Region];
        var name = $"{fault.Fault} in {region.Name}{(fault.Parts == FaultyPart.Link ? $" to {fleet.Regions[fault.Peer].Name}" : "")}";
        Note(name);
        try
        {
            await (fault.Parts == FaultyPart.Store ? PlayStore(region, fault) : fault.Parts == FaultyPart.Link ? PlayLink(region, fault) : PlayProcesses(region, fault));
        }
        catch (Exception exception)
        {
            Note($"{name} could not be played: {exception.Message}");
            throw;
        }

        Note($"{name} is mended");
        _played.AddOrUpdate(fault.Fault, 1, static (_, count) => count + 1);
    }

    private static async Task PlayStore(RegionCluster region, PlannedFault fault)
    {
        switch (fault.Fault)
        {
            case RegionFault.RedisKilled:
                region.Redis.Kill();
                await Pause(fault.Length);
                await region.Redis.Restart();
                break;
            case RegionFault.RedisFrozen:
                region.Redis.Pause();
                await Pause(fault.Length);
                region.Redis.Resume();
                break;
            case RegionFault.RedisSlow:
                region.Store.Set(RelayMode.Slow);
                await Pause(fault.Length);
                region.Store.Set(RelayMode.Forwarding);
                break;
            case RegionFault.RedisFull:
                await region.Redis.Command("CONFIG", "SET", "maxmemory", "1");
                await Pause(fault.Length);
                await region.Redis.Command("CONFIG", "SET", "maxmemory", "0");
                break;
            case RegionFault.RedisReadOnly:
                await region.Redis.Command("REPLICAOF", "127.0.0.1", "1");
                await Pause(fault.Length);
                await region.Redis.Command("REPLICAOF", "NO", "ONE");
                break;
            case RegionFault.RedisFlushed:
                await region.Redis.Command("FLUSHALL");
                break;
            case RegionFault.RedisWentBack:
                var copy = region.Redis.CopyFiles();
                await Pause(fault.Length);
                await region.Redis.RestartFrom(copy);
                copy.Delete(recursive: true);
                break;
            default:
                await region.Redis.RestartEmpty();
                break;
        }

        // A silo that could not keep up its membership may have ended.
        await region.SilosReturn();
    }

    private async Task PlayLink(RegionCluster region, PlannedFault fault)
    {
        var link = region.Links[fleet.Regions[fault.Peer].Name];
        if (fault.Fault == RegionFault.LinkCut)
        {
            link.Cut();
            return;
        }

        link.Set(fault.Fault switch
        {
            RegionFault.LinkRefused => RelayMode.Refusing,
            RegionFault.LinkHanging => RelayMode.Hanging,
            _ => RelayMode.Slow,
        });
        await Pause(fault.Length);
        link.Set(RelayMode.Forwarding);
    }

    private static async Task PlayProcesses(RegionCluster region, PlannedFault fault)
    {
        var silo = region.Silos[fault.Choice % region.Silos.Count];
        switch (fault.Fault)
        {
            case RegionFault.SiloKilled:
                await silo.Kill();
                await Pause(fault.Length);
                break;
            case RegionFault.SiloFrozen:
                silo.Process.Stop();
                await Pause(Freeze);
                silo.Process.Continue();
                break;
            case RegionFault.AllSilosKilled:
                await Task.WhenAll(region.Silos.Select(static one => one.Kill()));
                await Pause(fault.Length);
                break;
            case RegionFault.ProxyKilled:
                await region.KillProxy();
                await Pause(fault.Length);
                break;
            case RegionFault.ProxyKilledWithoutControlPlane:
                await region.KillProxy();
                await Task.WhenAll(region.Silos.Select(static one => one.Kill()));
                await region.ProxyReturns();
                await Pause(fault.Length);
                break;
            default:
                await region.KillProxy();
                TearSnapshot(region, fault.Choice);
                break;
        }

        await region.SilosReturn();
        await region.ProxyReturns();
    }

    private static void TearSnapshot(RegionCluster region, int choice)
    {
        var files = Directory.GetFiles(Path.Combine(region.Proxy.DataDirectory, "snapshots"), "*.snapshot").Order(StringComparer.Ordinal).ToArray();
        using var file = File.OpenWrite(files[choice % files.Length]);
        file.SetLength(file.Length / 2);
    }

    private void Note(string text) => _log.Enqueue($"{ledger.Now.TotalSeconds:0.000} s: {text}");

    /// <summary>The plan's pace; what is waited for is asked about.</summary>
    private static Task Pause(TimeSpan length) => Task.Delay(length, TimeProvider.System);
}
