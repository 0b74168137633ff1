using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Listeners;

/// <summary>Says once a minute that connections are closed because of <see cref="ConnectionRequests"/>.</summary>
internal sealed partial class TakenBackLog(TimeProvider time, ILogger<TakenBackLog> logger)
{
    private readonly LogLimit _limit = new(time, TimeSpan.FromMinutes(1));

    public void Write(object? caller, int count, bool isCut)
    {
        if (_limit.TryPass())
        {
            LogTakenBack(caller, count, isCut ? "cut" : "closed");
        }
    }

    [LoggerMessage(2406, LogLevel.Warning,
        "{Caller} took back {Count} requests within a second, most of all it sent: its connection is {End}. If it is no attack, its deadlines are too short")]
    private partial void LogTakenBack(object? caller, int count, string end);
}
