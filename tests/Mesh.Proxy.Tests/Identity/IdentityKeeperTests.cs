using Mesh.Proxy.Identity;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Identity;

public sealed class IdentityKeeperTests : IAsyncLifetime
{
    private const string Web = "spiffe://mesh.local/ns/shop/svc/web";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-identity-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<IdentityKeeper> _keepers = [];
    private readonly TestIssuer _issuer;
    private readonly FakeCertificateIssuer _source;

    public IdentityKeeperTests()
    {
        _issuer = new TestIssuer(_time.GetUtcNow());
        _source = new FakeCertificateIssuer(_issuer, _time);
    }

    private IdentityFile File => new(Path.Combine(_directory.FullName, "identity"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var keeper in _keepers)
        {
            await keeper.StopAsync(CancellationToken.None);
            keeper.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task The_first_certificate_costs_the_token_and_the_next_ones_only_the_certificate()
    {
        var identity = await Start();
        await Eventually.Holds("there is a certificate", () => identity.Held is not null);
        Assert.Equal(Web, identity.Held!.Issued.Identity);
        Assert.Equal("the token", Assert.Single(_source.Asked).Token);
        Assert.InRange(identity.RenewAt!.Value - _time.GetUtcNow(), TimeSpan.FromHours(15), TimeSpan.FromHours(17));

        var first = identity.Held;
        _time.SetUtcNow(identity.RenewAt.Value);
        await Pass(() => identity.Held != first);
        Assert.NotNull(_source.Asked.Last().Renewal);
        Assert.NotEqual(first.Key, identity.Held!.Key);
        Assert.Equal(2, identity.Renewals);
    }

    [Fact]
    public async Task A_restart_needs_no_new_token()
    {
        var before = await Start();
        await Eventually.Holds("there is a certificate", () => before.Held is not null);
        _source.Fails = static _ => new IdentityException("the token is used up") { IsRefused = true };

        var after = await Start();
        await Eventually.Holds("the kept one is used", () => after.Held is not null);
        Assert.Equal(before.Held!.Issued.Chain, after.Held!.Issued.Chain);
        Assert.Single(_source.Asked);
    }

    [Fact]
    public async Task The_file_is_for_this_user_only()
    {
        var identity = await Start();
        await Eventually.Holds("there is a certificate", () => identity.Held is not null);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File.Path));
        }
    }

    [Fact]
    public async Task A_damaged_file_is_replaced()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File.Path)!);
        await System.IO.File.WriteAllTextAsync(File.Path, "{\"key\":", TestContext.Current.CancellationToken);
        var identity = await Start();
        await Eventually.Holds("there is a certificate", () => identity.Held is not null);
        Assert.NotNull(File.Read());
    }

    [Fact]
    public async Task It_asks_again_with_the_same_key_until_it_gets_an_answer()
    {
        var failures = 3;
        _source.Fails = _ => failures-- > 0 ? new IdentityException("nobody answers") : null;
        var identity = await Start();
        await Pass(() => identity.Held is not null);

        Assert.Equal(4, _source.Asked.Count);
        Assert.Single(_source.Asked.Select(static ask => KeyOf(ask.Csr)).Distinct());
        Assert.Equal(3, identity.Failures);
        Assert.Null(identity.LastError);
    }

    [Fact]
    public async Task A_refused_renewal_falls_back_to_the_token()
    {
        var identity = await Start();
        await Eventually.Holds("there is a certificate", () => identity.Held is not null);
        _source.Fails = static ask => ask.Renewal is null ? null : new IdentityException("another authority") { IsRefused = true };
        _time.SetUtcNow(identity.RenewAt!.Value);
        await Pass(() => identity.Renewals == 2);
        Assert.Equal("the token", _source.Asked.Last().Token);
    }

    [Fact]
    public async Task An_identity_of_another_service_is_not_used()
    {
        _source.Service = "shop/other";
        var identity = await Start();
        await Eventually.Holds("it is said", () => identity.LastError is not null);
        Assert.Null(identity.Held);
        Assert.Contains("Mesh:App:Service", identity.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_held_stays_in_use_while_nobody_answers_until_it_expires()
    {
        var identity = await Start();
        await Eventually.Holds("there is a certificate", () => identity.Held is not null);
        _source.Fails = static _ => new IdentityException("nobody answers");

        _time.SetUtcNow(identity.RenewAt!.Value);
        await Pass(() => identity.LastError is not null);
        Assert.NotNull(identity.Held);

        _time.SetUtcNow(identity.Held.Issued.NotAfter);
        await Pass(() => identity.Held is null);
    }

    [Fact]
    public async Task A_new_root_is_trusted_within_minutes()
    {
        var identity = await Start();
        await Eventually.Holds("there is a certificate", () => identity.Held is not null);
        _issuer.Trust(TestAuthority.Make(_time.GetUtcNow()));
        _time.Advance(IdentityKeeper.BundlePeriod);
        await Pass(() => identity.Held!.Credentials.Roots.Count == 2);
        Assert.Equal(2, File.Read()!.Credentials.Roots.Count);
        Assert.Single(_source.Asked);
    }

    [Fact]
    public void No_secret_is_in_what_is_written_about_it()
    {
        var ask = new IdentityProof(new IdentityOptions { Token = "the token" }).Initial("csr");
        Assert.Equal("the token", ask.Token);
        Assert.DoesNotContain("the token", ask.ToString(), StringComparison.Ordinal);
    }

    private static string KeyOf(string csr)
    {
        Mesh.Abstractions.Identity.SigningRequest.TryRead(csr, out var key, out _);
        return Convert.ToHexString(key!.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Lets time pass in steps until something holds.</summary>
    private Task Pass(Func<bool> holds) => Eventually.Holds("it comes with time", () =>
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        return holds();
    });

    private async Task<ProxyIdentity> Start()
    {
        var identity = new ProxyIdentity(isEnabled: true, TestIssuer.TrustDomain);
        var keeper = new IdentityKeeper(
            identity, new IdentityOptions { Token = "the token" }, Web, _source, File, new Random(1), _time, NullLogger<IdentityKeeper>.Instance);
        _keepers.Add(keeper);
        await keeper.StartAsync(TestContext.Current.CancellationToken);
        return identity;
    }
}
