using System.Globalization;

namespace Mesh.Quickstart.Events;

/// <summary>One line per event, with the time of day. Safe for use by several threads.</summary>
internal sealed class EventLog(TextWriter output, TimeProvider time)
{
    private readonly Lock _lock = new();

    /// <param name="details">Lines that belong to the event, indented below it.</param>
    public void Write(string text, params IEnumerable<string> details)
    {
        lock (_lock)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():HH:mm:ss.fff}  {text}"));
            foreach (var line in details)
            {
                output.WriteLine($"    {line}");
            }
        }
    }
}
