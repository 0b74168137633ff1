using Mesh.Processes;
using Mesh.Quickstart.Calls;
using Mesh.Quickstart.Events;
using Mesh.Quickstart.Fleet;
using Mesh.Quickstart.Options;
using Mesh.Quickstart.Output;
using Mesh.Quickstart.Ports;

namespace Mesh.Quickstart;

/// <summary>
/// One run: check the ports, start the silo and the applications, then the sidecars; wait until a call goes through;
/// show what runs; tell of events until told to stop; stop all in reverse order.
/// </summary>
internal sealed class QuickstartRun(QuickstartOptions options, TextWriter output, TimeProvider time)
{
    /// <summary>For a slow machine with cold disks; usually all is ready within some seconds.</summary>
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);

    private readonly PortPlan _ports = PortPlan.For(options, Sample.All.Count);
    private readonly EventLog _events = new(output, time);

    private Uri Api => Loopback(_ports.Api);

    /// <param name="stop">Cancelled by the first request to stop.</param>
    /// <param name="hurry">Cancelled by the second one: no more waiting.</param>
    /// <returns>Whether all went well.</returns>
    public async Task<bool> RunAsync(CancellationToken stop, CancellationToken hurry)
    {
        PortCheck.Demand(_ports.Uses([.. Sample.All.Select(sample => sample.Name)]));
        var directory = RunDirectory.Prepare(options, _ports.Api);
        await using var fleet = new ProcessFleet(_events, time);
        await using var registration = hurry.Register(fleet.KillAll);
        using var client = new MeshClient();
        var isWell = false;
        try
        {
            await Start(fleet, directory, client, stop);
            isWell = await Serve(client, directory, fleet, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            isWell = !fleet.HasDeaths;
        }
        catch (QuickstartException problem)
        {
            await output.WriteLineAsync(problem.Message);
            await output.WriteLineAsync($"Logs: {directory.Logs}");
        }

        await fleet.StopAsync();
        directory.Leave(isFailed: !isWell);
        return isWell;
    }

    private async Task Start(ProcessFleet fleet, RunDirectory directory, MeshClient client, CancellationToken stop)
    {
        _events.Write($"starting the mesh in {directory.Path}");
        var started = time.GetTimestamp();
        fleet.StartGroup(Silo(directory));
        fleet.StartGroup(Pairs().Select(pair => Logged(
            ProcessSpec.DotNet(pair.Sample.Name, ProgramPaths.Samples, pair.Sample.AppArguments(pair.Ports)), directory)));
        await fleet.Until("the silo to be ready", token => client.IsWell(new Uri(Api, "/readyz"), token), StartDeadline, stop);

        fleet.StartGroup(Pairs().Select(pair => Logged(
            ProcessSpec.DotNet(
                pair.Sample.SidecarName,
                ProgramPaths.Proxy,
                pair.Sample.SidecarArguments(pair.Ports, Api, directory.DataOf(pair.Sample.SidecarName))),
            directory)));
        foreach (var (sample, ports) in Pairs())
        {
            await fleet.Until(
                $"{sample.SidecarName} to be ready",
                token => client.IsWell(new Uri(Loopback(ports.Admin), "/readyz"), token),
                StartDeadline,
                stop);
            await fleet.Until(
                $"{sample.Name} to be registered as ready",
                token => client.HasReadyEndpoint(Api, $"{Sample.Namespace}/{sample.Name}", token),
                StartDeadline,
                stop);
        }

        await fleet.Until(
            "a call to go through the mesh",
            async token => (await client.Send(Tour().Call, token)).IsSuccess,
            StartDeadline,
            stop);
        _events.Write($"all is ready after {time.GetElapsedTime(started).TotalSeconds:0.0} s");
    }

    private async Task<bool> Serve(MeshClient client, RunDirectory directory, ProcessFleet fleet, CancellationToken stop)
    {
        if (options.Once)
        {
            await new TourRunner(Tour(), client, output, time).RunAsync(options.Keep ? "catalog" : "v1", stop);
            return !fleet.HasDeaths;
        }

        await output.WriteLineAsync(Summary.Write(fleet.Processes, Sample.All, _ports, Tour(), directory));
        using var watch = new ServiceWatch(Api, _events, time);
        await watch.RunAsync(stop);
        return !fleet.HasDeaths;
    }

    private ProcessSpec Silo(RunDirectory directory) => Logged(
        ProcessSpec.DotNet(
            "silo",
            ProgramPaths.Silo,
            $"--Mesh:Api:Url=http://127.0.0.1:{_ports.Api}",
            $"--Mesh:Silo:Port={_ports.Silo}",
            $"--Mesh:Silo:GatewayPort={_ports.Gateway}",
            $"--Mesh:DataDirectory={directory.DataOf("silo")}"),
        directory);

    private IEnumerable<(Sample Sample, SidecarPorts Ports)> Pairs() => Sample.All.Zip(_ports.Sidecars);

    private Tour Tour() => new(Api, Loopback(_ports.Sidecars[0].Outbound));

    private static ProcessSpec Logged(ProcessSpec spec, RunDirectory directory) => spec with { LogFile = directory.LogOf(spec.Name) };

    private static Uri Loopback(int port) => new($"http://127.0.0.1:{port}");
}
