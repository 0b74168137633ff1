using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mesh.Grains.Security.Gateway;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Grains.Tests.Security;

/// <summary>What one silo's gateway has refused, by reason.</summary>
internal sealed class DenialCounts : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly MeterListener _listener = new();

    public DenialCounts(IServiceProvider silo)
    {
        var meters = silo.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "mesh_gateway_denied" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            _counts.AddOrUpdate((string)tags[0].Value!, value, (_, before) => before + value));
        silo.GetRequiredService<Denials>();
        _listener.Start();
    }

    public long this[string reason] => _counts.GetValueOrDefault(reason);

    public void Dispose() => _listener.Dispose();
}
