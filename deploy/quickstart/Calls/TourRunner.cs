using System.Globalization;

namespace Mesh.Quickstart.Calls;

/// <summary>Takes the tour by itself (<c>--once</c>) and checks what it sees.</summary>
internal sealed class TourRunner(Tour tour, MeshClient client, TextWriter output, TimeProvider time)
{
    /// <summary>How long the second call may still go the old way; a change is usually through in milliseconds.</summary>
    private static readonly TimeSpan ChangeDeadline = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    /// <exception cref="QuickstartException">A command failed or the change had no effect.</exception>
    public async Task RunAsync(string expectedFirst, CancellationToken stop)
    {
        var commands = tour.Commands.ToArray();
        var first = await Run(commands[0], stop);
        Demand(first.Text.Contains(expectedFirst, StringComparison.Ordinal), $"The first call should be answered by {expectedFirst}.");

        await Run(commands[1], stop);
        var changed = time.GetTimestamp();
        var second = await client.Send(commands[2], stop);
        while (!second.Text.Contains("v2", StringComparison.Ordinal) && time.GetElapsedTime(changed) < ChangeDeadline)
        {
            Demand(second.IsSuccess, $"The call after the change failed: {second.Text}");
            await Task.Delay(PollInterval, time, stop);
            second = await client.Send(commands[2], stop);
        }

        var passed = time.GetElapsedTime(changed).TotalMilliseconds;
        Show(commands[2], second);
        Demand(second.IsSuccess, "The call after the change failed.");
        Demand(second.Text.Contains("v2", StringComparison.Ordinal), "The call after the change should be answered by v2.");
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"The new route was in use {passed:0} ms after the change was answered, this call included."));
    }

    private static void Demand(bool condition, string message)
    {
        if (!condition)
        {
            throw new QuickstartException(message);
        }
    }

    private async Task<CallAnswer> Run(Command command, CancellationToken stop)
    {
        var answer = await client.Send(command, stop);
        Show(command, answer);
        Demand(answer.IsSuccess, "The command failed.");
        return answer;
    }

    private void Show(Command command, CallAnswer answer)
    {
        var status = answer.Status is { } known ? ((int)known).ToString(CultureInfo.InvariantCulture) : "no answer";
        output.WriteLine($"$ {command.ToCurl()}");
        output.WriteLine($"[{status}] {answer.Text.TrimEnd()}");
        output.WriteLine();
    }
}
