using Mesh.Abstractions.Connections;
using Mesh.Grains.Identity;
using Mesh.Silo.Identity;
using Mesh.Silo.Tests.Store;
using Mesh.Testing;
using Mesh.Testing.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Silo.Tests.Identity;

public sealed class SiloCertificateTests : IAsyncLifetime
{
    private readonly TestDirectory _keys = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly MemoryIdentityStore _store = new();
    private AuthorityKeeper _authority = null!;
    private SiloCertificate _certificate = null!;

    public async ValueTask InitializeAsync()
    {
        _authority = new AuthorityKeeper(
            new AuthoritySettings("mesh.local", null, null, null), _store, new DataProtectionVault(_keys.Data), _time, NullLogger<AuthorityKeeper>.Instance);
        _certificate = await SiloCertificate.Open(_authority, _time, NullLogger<SiloCertificate>.Instance);
        await _certificate.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await _certificate.StopAsync(default);
        _certificate.Dispose();
        _authority.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void It_is_a_silos_and_judged_good_by_its_own_roots()
    {
        var current = _certificate.Current!;

        Assert.Equal(PeerIdentity.OfSilo("mesh.local"), current.SpiffeId);
        foreach (var isServer in (bool[])[true, false])
        {
            Assert.True(PeerCertificate.IsTrusted(current.Context.TargetCertificate, [], current.Roots, isServer, _time.GetUtcNow(), out var reason), reason);
        }
    }

    [Fact]
    public async Task It_is_renewed_after_70_percent_of_its_time_and_not_before()
    {
        var first = _certificate.Current!;
        _time.Advance(TimeSpan.FromHours(16));
        await Passes("it was looked at", () => _store.Reads > 1);
        Assert.Same(first, _certificate.Current);

        _time.Advance(TimeSpan.FromHours(0.8));
        await Passes("it is renewed", () => !ReferenceEquals(first, _certificate.Current));
        Assert.True(_certificate.Current!.ExpiresAt > first.ExpiresAt);
    }

    [Fact]
    public async Task Whatever_goes_wrong_at_a_renewal_does_not_end_the_silo()
    {
        foreach (var failure in (Exception[])[new InvalidDataException("one field is damaged"), new NotSupportedException("a fault of ours")])
        {
            var first = _certificate.Current!;
            var reads = _store.Reads;
            _store.Failure = failure;
            await Passes("it was looked at in vain", () => _store.Reads > reads + 1);
            Assert.False(_certificate.ExecuteTask!.IsCompleted);
            Assert.Same(first, _certificate.Current);

            _store.Failure = null;
            _time.Advance(TimeSpan.FromHours(17));
            await Passes("it is renewed", () => !ReferenceEquals(first, _certificate.Current));
        }
    }

    [Fact]
    public async Task New_roots_are_trusted_soon_and_the_next_one_signs_when_it_is_due()
    {
        await _authority.Rotate(TimeSpan.FromHours(1));
        await Passes("both roots are trusted", () => _certificate.Current!.Roots.Count == 2);
        var before = _certificate.Current!.Context.TargetCertificate.Issuer;

        _time.Advance(TimeSpan.FromHours(40));
        await Passes("it is of the next root", () => _certificate.Current!.Context.TargetCertificate.Issuer != before && _certificate.Current.Roots.Count == 1);
    }

    /// <summary>Within some looks of a minute.</summary>
    private Task Passes(string what, Func<bool> holds) => Eventually.Holds(what, () =>
    {
        if (holds())
        {
            return true;
        }

        _time.Advance(AuthorityKeeper.Period);
        return false;
    });
}
