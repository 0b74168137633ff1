using Mesh.Abstractions.Connections;
using Mesh.Testing.Identity;
using Mesh.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Security;

public sealed class PemCertificateSourceTests : IDisposable
{
    private const string Web = "spiffe://mesh.local/ns/shop/svc/web";
    private const string Cart = "spiffe://mesh.local/ns/shop/svc/cart";

    private readonly TemporaryDirectory _folder = new();
    private readonly PeerAuthority _authority = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose()
    {
        _folder.Dispose();
    }

    [Fact]
    public void Files_that_are_replaced_are_used_from_then_on()
    {
        _authority.Write(_folder.Path, Web);
        var source = Open();
        Assert.Equal(Web, source.Current?.SpiffeId);

        _authority.Write(_folder.Path, Cart);
        Touch();

        Assert.Equal(Web, source.Current?.SpiffeId);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Cart, source.Current?.SpiffeId);
    }

    [Fact]
    public void Links_to_another_directory_are_followed_and_one_that_leads_nowhere_changes_nothing()
    {
        // As Kubernetes mounts secrets: the files are links through a link, and only the latter is ever replaced.
        var data = Path.Combine(_folder.Path, "data");
        foreach (var (name, identity) in new[] { ("one", Web), ("two", Cart) })
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
            _authority.Write(folder, identity);
        }

        foreach (var file in Directory.GetFiles(Path.Combine(_folder.Path, "one")).Select(Path.GetFileName))
        {
            File.SetLastWriteTimeUtc(Path.Combine(_folder.Path, "two", file!), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            File.CreateSymbolicLink(Path.Combine(_folder.Path, file!), Path.Combine("data", file!));
        }

        Directory.CreateSymbolicLink(data, "one");
        var source = Open();
        Assert.Equal(Web, source.Current?.SpiffeId);

        Directory.Delete(data);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Web, source.Current?.SpiffeId);

        Directory.CreateSymbolicLink(data, "two");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Cart, source.Current?.SpiffeId);
    }

    [Fact]
    public void Files_that_do_not_fit_together_leave_the_last_ones_in_use()
    {
        _authority.Write(_folder.Path, Web);
        var source = Open();

        File.WriteAllText(Path.Combine(_folder.Path, "cert.pem"), "-----BEGIN CERTIFICATE-----");
        Touch();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Web, source.Current?.SpiffeId);

        _authority.Write(_folder.Path, Cart);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Cart, source.Current?.SpiffeId);
    }

    [Fact]
    public void Files_that_cannot_be_used_are_named()
    {
        var exception = Assert.Throws<InvalidDataException>(Open);

        Assert.Contains(Path.Combine(_folder.Path, "cert.pem"), exception.Message, StringComparison.Ordinal);
    }

    private PemCertificateSource Open() => new(
        Path.Combine(_folder.Path, "cert.pem"), Path.Combine(_folder.Path, "key.pem"), Path.Combine(_folder.Path, "roots.pem"), _time, NullLogger.Instance);

    /// <summary>File systems with coarse times must not make two versions look the same.</summary>
    private void Touch() => File.SetLastWriteTimeUtc(Path.Combine(_folder.Path, "cert.pem"), _time.GetUtcNow().UtcDateTime.AddYears(1));
}
