using System.Diagnostics.CodeAnalysis;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Tap;

/// <summary>Shows requests to those who watch. While nobody does, a request pays for one look at a field.</summary>
internal sealed class TapHub(DataPathOptions options, HeaderRedaction redaction, TimeProvider time)
{
    public const int MostListeners = 4;

    /// <summary>Whom inbound requests are for; null beside no application.</summary>
    private readonly string? _application = options.Service?.ToString();

    private readonly Lock _lock = new();
    private volatile TapListener[] _listeners = [];

    /// <summary>Whether somebody watches.</summary>
    public bool IsOn => _listeners.Length > 0;

    public bool TryAdd(TapFilter filter, [NotNullWhen(true)] out TapListener? listener)
    {
        lock (_lock)
        {
            listener = _listeners.Length < MostListeners ? new TapListener(filter, time) : null;
            if (listener is not null)
            {
                _listeners = [.. _listeners, listener];
            }

            return listener is not null;
        }
    }

    public void Remove(TapListener listener)
    {
        lock (_lock)
        {
            _listeners = [.. _listeners.Where(other => other != listener)];
        }
    }

    /// <summary>Lets a request through its pipeline, and shows it when that is done.</summary>
    public async Task ObserveAsync(HttpContext context, ListenerKind kind, RequestDelegate pipeline)
    {
        var started = time.GetTimestamp();

        // The pipeline changes the request on its way.
        var path = context.Request.Path.Value ?? "";
        var query = context.Request.QueryString.Value ?? "";
        var authority = context.Request.Host.Value ?? "";
        var listeners = _listeners;
        var headers = listeners.Any(static listener => listener.Filter.WithHeaders) ? redaction.Show(context.Request.Headers) : null;
        try
        {
            await pipeline(context);
        }
        finally
        {
            var call = context.Features.Get<OutboundCall>();
            var aborted = AbortedRequest.Find(context);
            var seen = new TapEvent
            {
                At = time.GetUtcNow(),
                Direction = kind == ListenerKind.Outbound ? "outbound" : "inbound",
                Authority = authority,
                Method = context.Request.Method,
                Path = path,
                Status = aborted is null ? context.Response.StatusCode : null,
                Outcome = aborted is null ? null : RequestStats.AbortedName,
                DurationMs = Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 3),
                Error = aborted is not null ? aborted.Error?.Code
                    : context.Response.Headers[ErrorResponse.CodeHeader] is [{ } code, ..] ? code : null,
                Service = call?.Service.Name.ToString() ?? (kind == ListenerKind.Inbound ? _application : null),

                // A gateway has none; the rules were applied where the request comes from.
                Rule = call?.Rule.Name is { Length: > 0 } rule ? rule : null,
                Backend = call?.Backend.Service.Name.ToString(),
                Endpoint = call?.Endpoint?.Endpoint.Id,
                Tries = call?.Tries,
                Caller = context.Features.Get<CallingPeer>()?.Identity,
            };
            foreach (var listener in listeners)
            {
                listener.Offer(seen with
                {
                    Path = listener.Filter.WithQuery ? path + query : path,
                    Headers = listener.Filter.WithHeaders ? headers : null,
                });
            }
        }
    }
}
