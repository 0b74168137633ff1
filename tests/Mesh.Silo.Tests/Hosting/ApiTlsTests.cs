using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Silo.Hosting;
using Mesh.Silo.Tests.Store;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Silo.Tests.Hosting;

public sealed class ApiTlsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TestDirectory _files = new();
    private readonly FakeTimeProvider _time = new(Now);
    private readonly TestAuthority _servers = TestAuthority.Make(Now);
    private readonly TestAuthority _clients = TestAuthority.Make(Now);
    private readonly string _url = $"https://127.0.0.1:{FreePort.Next()}";
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_files.Data);
        var (certificate, key) = TestFiles.Write(_files.Data, "api", _servers, Now);
        var roots = Path.Combine(_files.Data, "clients.pem");
        await File.WriteAllTextAsync(roots, _clients.Pem);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(_url).UseKestrelHttpsConfiguration();
        var tls = new ApiTls(new() { Certificate = certificate, Key = key, ClientRoots = roots }, _time, NullLogger<ApiTls>.Instance);
        builder.WebHost.ConfigureKestrel(tls.Configure);
        _app = builder.Build();
        _app.Run(static context => context.Response.WriteAsync(context.Connection.ClientCertificate?.Subject ?? "nobody"));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Who_has_no_certificate_and_who_has_one_of_the_authority_come_in_and_nobody_else()
    {
        Assert.Equal("nobody", await Get());
        Assert.Equal("CN=ops", await Get(Client("ops", _clients)));
        await Assert.ThrowsAsync<HttpRequestException>(() => Get(Client("foreign", _servers)));
    }

    [Fact]
    public async Task Old_TLS_is_refused()
    {
#pragma warning disable SYSLIB0039, CA5397 // That it does not work is what is tested.
        await Assert.ThrowsAsync<HttpRequestException>(() => Get(protocols: SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Fact]
    public async Task A_new_certificate_is_shown_without_a_restart_and_a_broken_file_changes_nothing()
    {
        var first = await Shown();
        TestFiles.Write(_files.Data, "api", _servers, Now);
        Later();
        var second = await Shown();
        Assert.NotEqual(first, second);

        await File.WriteAllTextAsync(Path.Combine(_files.Data, "api.pem"), "nothing", TestContext.Current.CancellationToken);
        Later();
        Assert.Equal(second, await Shown());
    }

    [Fact]
    public async Task Files_that_cannot_be_used_are_named_at_the_start()
    {
        var file = Path.Combine(_files.Data, "api.key");
        await File.WriteAllTextAsync(file, "nothing", TestContext.Current.CancellationToken);

        var exception = Assert.Throws<SiloStartException>(
            () => new ApiTls(new() { Certificate = Path.Combine(_files.Data, "api.pem"), Key = file }, _time, NullLogger<ApiTls>.Instance));
        Assert.Contains("Mesh:Api:Tls", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>File systems may tell times to the second only.</summary>
    private void Later()
    {
        File.SetLastWriteTimeUtc(Path.Combine(_files.Data, "api.key"), File.GetLastWriteTimeUtc(Path.Combine(_files.Data, "api.key")).AddSeconds(_time.GetUtcNow().Second + 2));
        _time.Advance(TimeSpan.FromSeconds(11));
    }

    private X509Certificate2 Client(string name, TestAuthority authority)
    {
        var (certificate, key) = TestFiles.Write(_files.Data, name, authority, Now);
        using var read = X509Certificate2.CreateFromPemFile(certificate, key);
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pfx), null);
    }

    private async Task<string> Shown()
    {
        var hash = "";
        await Get(see: shown => hash = shown.GetCertHashString());
        return hash;
    }

    private async Task<string> Get(X509Certificate2? client = null, SslProtocols protocols = SslProtocols.None, Action<X509Certificate>? see = null)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = protocols,
                ClientCertificates = client is null ? null : [client],
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                {
                    see?.Invoke(shown!);
                    return shown!.Subject == "CN=api";
                },
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(_url), DefaultRequestVersion = HttpVersion.Version11 };
        return await http.GetStringAsync("/");
    }
}
