using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Abstractions.Proxies;
using Mesh.Grains;
using Mesh.Grains.Access;
using Mesh.Grains.Audit;
using Mesh.Grains.Identity;
using Mesh.Grains.Storage;
using Mesh.Silo.Api;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Identity;
using Mesh.Testing;
using Mesh.Testing.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Silo.Tests.Api;

/// <summary>The management API on a real Kestrel, over real grains and a store in memory.</summary>
public class ApiHost : IAsyncLifetime
{
    private readonly DirectoryInfo _keys = System.IO.Directory.CreateTempSubdirectory("mesh-api-");
    private MeshCluster _cluster = null!;
    private WebApplication _app = null!;

    public HttpClient Client { get; private set; } = null!;

    public MemoryServiceStore Store => _cluster.Store;

    public MemoryIdentityStore Identities { get; } = new();

    public MemoryAuditStore Audits { get; } = new();

    public MemoryApiTokenStore Tokens { get; } = new();

    /// <summary>What the silo's log has of the audit log.</summary>
    public RecordingLog AuditLines { get; } = new(AuditLog.Category);

    /// <summary>Who requests are taken to be of; null for nobody.</summary>
    public string? User { get; set; }

    internal WebApplication App => _app;

    public IGrainFactory Grains => _cluster.Grains;

    internal FakeDirectory Directory { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var vault = new DataProtectionVault(Path.Combine(_keys.FullName, "keys"));
        _cluster = await MeshCluster.Start(configureSilo: silo =>
        {
            silo.Services.AddSingleton<IIdentityStore>(Identities);
            silo.Services.AddMeshIdentity(new IdentityOptions(), vault);
        });
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders().AddProvider(AuditLines);
        builder.Services.AddSingleton(_cluster.Grains);
        builder.Services.AddSingleton<IServiceStore>(_cluster.Store);
        builder.Services.AddSingleton<IChangeFeed>(_cluster.Store);
        builder.Services.AddSingleton(new MeshRegion("local"));
        builder.Services.AddSingleton<IProxyDirectory>(Directory);
        builder.Services.AddSingleton<IGatewayDirectory>(Directory);
        builder.Services.AddSingleton<IRegionDirectory>(Directory);
        builder.Services.AddSingleton<ISiloStatus>(Directory);
        builder.Services.AddSingleton<IIdentityStore>(Identities);
        builder.Services.AddMeshIdentity(new IdentityOptions(), vault);
        builder.Services.AddSingleton<IAuditStore>(Audits);
        builder.Services.AddMeshAudit(new AuditSettings("127.0.0.1:11111", MaxEntries: 200));
        builder.Services.AddSingleton<IApiTokenStore>(Tokens);
        builder.Services.AddSingleton<ISessionProtector>(new SessionVault(vault));
        AddAccess(builder.Services);
        builder.Services.AddMeshApi();
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            context.Features.Set(User is { } name ? new ApiPrincipal(name, [ApiGrant.Everything]) : null);
            return next(context);
        });
        _app.MapMeshApi();
        _app.MapGet("/throws", string () => throw new InvalidOperationException("a secret"));
        await _app.StartAsync();
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(url) };
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Client?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await _cluster.DisposeAsync();
        _keys.Delete(recursive: true);
    }

    /// <summary>Who may use the API: everybody.</summary>
    protected virtual void AddAccess(IServiceCollection services) => services.AddMeshAccess(new ApiAccessSettings(IsRequired: false)
    {
        AllowedHosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "mesh.example" },
    });

    public Task StopApi() => _app.StopAsync();

    public Task<Answer> Get(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Get, path, null, headers);

    public Task<Answer> Put(string path, string body, params (string Name, string Value)[] headers) => Send(HttpMethod.Put, path, body, headers);

    public Task<Answer> Post(string path, string? body = null, params (string Name, string Value)[] headers) => Send(HttpMethod.Post, path, body, headers);

    public Task<Answer> Delete(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Delete, path, null, headers);

    public async Task<Answer> Send(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
            else if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await Client.SendAsync(request);
        return await Answer.Of(response);
    }

    /// <summary>An answer, read whole.</summary>
    public sealed record Answer(HttpStatusCode Status, string? EntityTag, string? MediaType, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
    {
        public JsonNode Json => JsonNode.Parse(Text)!;

        /// <summary>The errors of a problem, each as <c>path: message</c>.</summary>
        public IReadOnlyList<string> Errors => [.. Json["errors"]!.AsArray().Select(error => $"{error!["path"]}: {error["message"]}")];

        public static async Task<Answer> Of(HttpResponseMessage response) => new(
            response.StatusCode,
            response.Headers.ETag?.ToString(),
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(),
            response.Headers,
            response.Content.Headers);
    }
}
