using System.Globalization;
using System.Text;
using Mesh.Processes;
using Mesh.Quickstart.Calls;
using Mesh.Quickstart.Fleet;
using Mesh.Quickstart.Ports;

namespace Mesh.Quickstart.Output;

/// <summary>What runs where, and what to try.</summary>
internal static class Summary
{
    public static string Write(
        IEnumerable<ManagedProcess> processes, IReadOnlyList<Sample> samples, PortPlan ports, Tour tour, RunDirectory directory)
    {
        var ids = processes.ToDictionary(process => process.Name, process => process.Id.ToString(CultureInfo.InvariantCulture));
        List<string[]> rows = [["name", "pid", "url", "what"], ["silo", ids["silo"], Url(ports.Api), "management API"]];
        foreach (var (sample, its) in samples.Zip(ports.Sidecars))
        {
            rows.Add([sample.Name, ids[sample.Name], Url(its.App), $"service {Sample.Namespace}/{sample.Name}"]);
            rows.Add([sample.SidecarName, ids[sample.SidecarName], Url(its.Outbound), $"outbound; inbound {its.Inbound}, admin {its.Admin}"]);
        }

        var text = new StringBuilder();
        text.AppendLine().Append(TextTable.Format(rows, indent: "  ")).AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"  data and logs: {directory.Path}").AppendLine();
        text.AppendLine("Try, in another terminal:").AppendLine();
        foreach (var command in tour.Commands)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  # {command.Title}");
            text.AppendLine(CultureInfo.InvariantCulture, $"  {command.ToCurl()}").AppendLine();
        }

        return text.Append("Events follow; Ctrl-C stops everything.").ToString();
    }

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
}
