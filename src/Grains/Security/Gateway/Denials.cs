using System.Diagnostics.Metrics;
using Mesh.Abstractions.Connections;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Security.Gateway;

/// <summary>Counts what was refused, and logs it once a minute for each source: whoever is refused must not fill the log.</summary>
internal sealed partial class Denials : IDisposable
{
    public const string MeterName = "Mesh.Gateway";

    private const int MaxSources = 1000;
    private static readonly TimeSpan LogPeriod = TimeSpan.FromMinutes(1);

    private readonly SourceCounts<(string Source, string Reason)> _seen;
    private readonly Meter _meter;
    private readonly Counter<long> _denied;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _plaintext;
    private readonly ILogger<Denials> _logger;

    public Denials(IMeterFactory meters, TimeProvider time, ILogger<Denials> logger)
    {
        _seen = new(MaxSources, LogPeriod, time);
        _logger = logger;
        _meter = meters.Create(MeterName);
        _denied = _meter.CreateCounter<long>("mesh_gateway_denied", description: "What was refused at the gateway");
        _handshakes = _meter.CreateCounter<long>("mesh_handshake_failures", description: "TLS handshakes of the control plane that failed");
        _plaintext = _meter.CreateCounter<long>("mesh_plaintext_connections", description: "Connections of the control plane without TLS, where it is wanted and not required");
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>A connection between silos, or of a proxy, that came to nothing before anything was asked.</summary>
    public void CountHandshake(string port, string reason, string source, string detail)
    {
        _handshakes.Add(1, new("port", port), new("reason", reason));
        if (MayLog(source, reason))
        {
            LogHandshake(port, source, reason, detail);
        }
    }

    /// <summary>A connection without TLS while the cluster changes over to it.</summary>
    public void CountPlaintext(string port) => _plaintext.Add(1, new KeyValuePair<string, object?>("port", port));

    /// <param name="source">Who, such as an address; bounds the log.</param>
    public void Count(string reason, string source, string detail)
    {
        _denied.Add(1, new KeyValuePair<string, object?>("reason", reason));
        if (MayLog(source, reason))
        {
            LogDenied(reason, source, detail);
        }
    }

    private bool MayLog(string source, string reason) => _seen.Count((source, reason)) is { Count: 1 };

    [LoggerMessage(1302, LogLevel.Warning, "Denied ({Reason}): {Detail}, from {Source}. The same from there is counted, and logged again in a minute")]
    private partial void LogDenied(string reason, string source, string detail);

    [LoggerMessage(1303, LogLevel.Warning, "A connection of the {Port} port, {Source}, failed ({Reason}): {Detail}. The same is counted, and logged again in a minute")]
    private partial void LogHandshake(string port, string source, string reason, string detail);
}
