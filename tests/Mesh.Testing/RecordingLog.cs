using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mesh.Testing;

/// <summary>Keeps the lines of one category, each with its named fields.</summary>
public sealed class RecordingLog(string category) : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(string Text, IReadOnlyDictionary<string, object?> Fields)> _lines = new();

    public IReadOnlyList<(string Text, IReadOnlyDictionary<string, object?> Fields)> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => categoryName == category ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var fields = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        _lines.Enqueue((formatter(state, exception), fields.ToDictionary(static field => field.Key, static field => field.Value)));
    }

    public void Dispose()
    {
    }
}
