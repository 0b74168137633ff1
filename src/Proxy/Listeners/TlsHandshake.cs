using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Proxy.Listeners;

/// <summary>
/// What a listener answers TLS with, by the name that is asked for: proxies get mutual TLS with this proxy's identity,
/// all others its configured certificate.
/// </summary>
/// <param name="certificate">Null for none.</param>
/// <param name="mesh">Null where proxies do not call.</param>
internal sealed partial class TlsHandshake(ServerCertificate? certificate, MeshTls? mesh, LogLimit limit, ILogger logger)
{
    private readonly SslStreamCertificateContext? _context =
        certificate is null ? null : SslStreamCertificateContext.Create(certificate.Certificate, certificate.Chain);

    /// <exception cref="AuthenticationException">There is nothing to answer with.</exception>
    public ValueTask<SslServerAuthenticationOptions> AnswerAsync(TlsHandshakeCallbackContext context)
    {
        var connection = context.Connection;
        var answer = mesh is not null && MeshTls.IsMesh(context.ClientHelloInfo.ServerName)
            ? mesh.Accept(connection.Features.Set, problem => Refused(connection.RemoteEndPoint, problem))
            : Configured(connection.RemoteEndPoint);
        return answer is not null
            ? ValueTask.FromResult(answer)
            : throw new AuthenticationException("This listener has no certificate for that name.");
    }

    private SslServerAuthenticationOptions? Configured(EndPoint? caller)
    {
        if (certificate is null)
        {
            return null;
        }

        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _context,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            EnabledSslProtocols = certificate.Callers.Versions,
        };
        if (certificate.Callers.HasRoots)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = certificate.Callers.ChainPolicy(isServer: false);
            options.RemoteCertificateValidationCallback = (_, shown, _, errors) =>
            {
                if (certificate.Callers.Judge(shown as X509Certificate2, errors, expected: null) is { } problem)
                {
                    Refused(caller, problem);
                    return false;
                }

                return true;
            };
        }

        return options;
    }

    private void Refused(EndPoint? caller, string problem)
    {
        if (limit.TryPass())
        {
            LogRefused(caller, problem);
        }
    }

    [LoggerMessage(2404, LogLevel.Warning, "Refused mutual TLS from {Caller}: {Problem}")]
    private partial void LogRefused(object? caller, string problem);
}
