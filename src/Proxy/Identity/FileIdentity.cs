using Mesh.Abstractions.Connections;
using Mesh.Proxy.Hosting;

namespace Mesh.Proxy.Identity;

/// <summary>Takes the proxy's identity from files that somebody else renews, and looks at them every second.</summary>
internal sealed class FileIdentity : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ProxyIdentity _identity;
    private readonly PemCertificateSource _files;
    private readonly TimeProvider _time;

    /// <exception cref="ProxyConfigurationException">The files cannot be used.</exception>
    public FileIdentity(ProxyIdentity identity, IdentityOptions options, TimeProvider time, ILogger<FileIdentity> logger)
    {
        (_identity, _time) = (identity, time);
        try
        {
            _files = new PemCertificateSource(options.Certificate!, options.Key!, options.Roots!, time, logger);
            identity.Use(_files.Current);
        }
        catch (InvalidDataException exception)
        {
            throw new ProxyConfigurationException($"Mesh:Identity: {exception.Message}");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                _identity.Use(_files.Current);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The proxy stops.
        }
    }
}
