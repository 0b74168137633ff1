using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Listeners;

/// <summary>
/// Counts the requests over HTTP/1.1 that Kestrel refuses by itself. Nothing can be added to what it answers: it clears
/// all headers after it has reported the request.
/// </summary>
internal sealed class RefusalObserver(ProxyStats stats) : DiagnosticSource
{
    private const string Refused = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public override bool IsEnabled(string name) => name == Refused;

    [RequiresUnreferencedCode("Only overrides what is marked so.")]
    public override void Write(string name, object? value)
    {
        if (name == Refused && value is IFeatureCollection features && features.Get<ListenerFeature>() is { Kind: not ListenerKind.Admin } listener)
        {
            (listener.Kind == ListenerKind.Outbound ? stats.Errors : stats.InboundErrors).Count(ProxyError.BadRequest);
        }
    }
}
