namespace Mesh.Testing.Processes;

/// <summary>A silo in a process of its own.</summary>
public sealed class SiloProcess : MeshProcess
{
    private SiloProcess(SiloSettings settings)
        : base(settings.Name, PublishedProgram.Silo, new(settings.DataDirectory, settings.LogDirectory, settings.Environment), settings.Arguments)
    {
        Settings = settings;
        Api = Client(settings.ApiPort);
    }

    public SiloSettings Settings { get; }

    /// <summary>The management API.</summary>
    public HttpClient Api { get; }

    public Uri Url => Api.BaseAddress!;

    private protected override HttpClient ReadyClient => Api;

    /// <summary>Starts it without waiting.</summary>
    public static SiloProcess Launch(SiloSettings? settings = null) => new(settings ?? new SiloSettings());

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<SiloProcess> Ready(SiloSettings? settings = null)
    {
        var silo = Launch(settings);
        try
        {
            await silo.WaitReady();
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    private protected override void DisposeClients() => Api.Dispose();
}
