using Mesh.Silo.Store;
using Microsoft.Extensions.Logging;

namespace Mesh.Silo.Tests.Store;

public class StoreSafetyTests
{
    [Theory]
    [InlineData("0", "allkeys-lru", "1", "")]
    [InlineData("1000000", "noeviction", "1", "")]
    [InlineData("1000000", "allkeys-lru", "1", "Error")]
    [InlineData("0", "noeviction", "0", "Warning")]
    [InlineData("1000000", "volatile-ttl", "0", "Error Warning")]
    [InlineData(null, null, null, "")]
    public void Warns_of_a_server_that_may_forget(string? limit, string? policy, string? appendOnly, string expected)
    {
        var log = new Recorder();
        var facts = new Dictionary<string, string?> { ["maxmemory"] = limit, ["maxmemory_policy"] = policy, ["aof_enabled"] = appendOnly };

        StoreSafety.Warn(facts.GetValueOrDefault, "Redis at 10.0.0.1:6379", log);

        Assert.Equal(expected, string.Join(' ', log.Levels));
    }

    private sealed class Recorder : ILogger
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Levels.Add(logLevel);
    }
}
