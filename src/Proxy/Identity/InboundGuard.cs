using System.Net;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Identity;

/// <summary>Lets requests in by who sends them, and tells the application.</summary>
internal sealed class InboundGuard(DataPathOptions options, ServiceTable services, PlaintextCallers plaintext)
{
    /// <summary>Only this proxy says it.</summary>
    public const string Header = "x-forwarded-client-cert";

    private readonly ServiceName? _service = options.Service;

    /// <returns>Null when the request may come in; else why not.</returns>
    public string? Check(HttpContext context)
    {
        var peer = context.Features.Get<CallingPeer>();
        context.Request.Headers.Remove(Header);
        if (peer is not null)
        {
            context.Request.Headers[Header] = peer.ForwardedCertificate;
            return null;
        }

        return options.Identity.IsEnabled ? CheckPlaintext(context.Connection.RemoteIpAddress) : null;
    }

    /// <returns>Null when the service takes calls without mutual TLS; else why not.</returns>
    public string? Refuses(ServiceModel model) => options.Identity.IsEnabled && model.Spec?.Mtls == MtlsMode.Strict
        ? $"{model.Encoded.Service} takes only calls by mutual TLS (its \"mtls\" is Strict), and this one is not; give the caller's proxy an identity (Mesh:Identity)"
        : null;

    /// <summary>Counts somebody who calls without mutual TLS.</summary>
    /// <returns>Null when that is allowed; else why not.</returns>
    public string? CheckPlaintext(IPAddress? caller)
    {
        plaintext.Count(caller);
        return _service is { } service && services.TryGet(service, out var state) && state.Model is { } model ? Refuses(model) : null;
    }
}
