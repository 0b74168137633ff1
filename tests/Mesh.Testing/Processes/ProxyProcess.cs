namespace Mesh.Testing.Processes;

/// <summary>A proxy in a process of its own.</summary>
public sealed class ProxyProcess : MeshProcess
{
    private ProxyProcess(ProxySettings settings)
        : base(settings.Name, PublishedProgram.Proxy, new(settings.DataDirectory, settings.LogDirectory, settings.Environment), settings.Arguments)
    {
        Settings = settings;
        Outbound = Client(settings.OutboundPort);
        Inbound = Client(settings.InboundPort);
        Admin = Client(settings.AdminPort);
    }

    public ProxySettings Settings { get; }

    /// <summary>The port applications call; see <see cref="Call"/>.</summary>
    public HttpClient Outbound { get; }

    public HttpClient Inbound { get; }

    public HttpClient Admin { get; }

    private protected override HttpClient ReadyClient => Admin;

    /// <summary>Starts it without waiting.</summary>
    public static ProxyProcess Launch(ProxySettings settings) => new(settings);

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<ProxyProcess> Ready(ProxySettings settings)
    {
        var proxy = Launch(settings);
        try
        {
            await proxy.WaitReady();
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    /// <summary>A <c>GET</c> of a service through the outbound port, as an application beside the proxy would send it.</summary>
    /// <param name="authority">The service, as the <c>Host</c> header names it.</param>
    public async Task<HttpResponseMessage> Call(string authority, string path = "/", CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = authority;
        return await Outbound.SendAsync(request, cancellationToken);
    }

    private protected override void DisposeClients()
    {
        Outbound.Dispose();
        Inbound.Dispose();
        Admin.Dispose();
    }
}
