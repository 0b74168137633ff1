using Mesh.Grains.Identity;
using Mesh.Silo.Identity;
using Mesh.Testing.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Identity;

/// <summary>A store that forgets the authority, or has it damaged, under silos that know it.</summary>
public sealed class LostAuthorityTests : IDisposable
{
    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("mesh-authority-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryIdentityStore _store = new();

    public void Dispose() => _keys.Delete(recursive: true);

    [Fact]
    public async Task What_was_stored_is_put_back_whole_and_as_it_was()
    {
        var keeper = Keeper();
        await keeper.Get();
        await keeper.Rotate(TimeSpan.FromHours(1));
        var bundle = await Bundle(keeper);
        var before = await Stored();
        _store.Clear();

        await keeper.KeepStored();

        Assert.Equal(before, await Stored());
        Assert.Equal(bundle, (await Keeper().Get()).Bundle);
    }

    [Fact]
    public async Task A_silo_that_never_needed_it_puts_it_back_as_well()
    {
        var bundle = (await Keeper().Get()).Bundle;
        var idle = Keeper();
        await idle.KeepStored();
        _store.Clear();

        await idle.KeepStored();

        Assert.Equal(bundle, (await Keeper().Get()).Bundle);
    }

    [Fact]
    public async Task The_first_silo_that_looks_puts_it_back_and_the_others_read_it()
    {
        var silos = Enumerable.Range(0, 8).Select(_ => Keeper()).ToList();
        foreach (var silo in silos)
        {
            await silo.Get();
        }

        var before = await Stored();
        _store.Clear();

        await Task.WhenAll(silos.Select(silo => Task.Run(silo.KeepStored)));

        Assert.Equal(before, await Stored());
    }

    [Fact]
    public async Task Who_needs_it_after_a_loss_makes_no_other()
    {
        var keeper = Keeper();
        var bundle = (await keeper.Get()).Bundle;
        _store.Clear();
        _time.Advance(AuthorityKeeper.Period);

        Assert.Equal(bundle, (await keeper.Get()).Bundle);
        Assert.Equal(bundle, (await Keeper().Get()).Bundle);
    }

    [Fact]
    public async Task A_change_of_the_root_right_after_a_loss_goes_on_from_what_there_was()
    {
        var keeper = Keeper();
        await keeper.Get();
        _store.Clear();

        await keeper.Rotate(TimeSpan.FromHours(1));

        Assert.Equal([1, 2], (await _store.ReadAuthorities()).Select(static one => one.Generation).Order());
    }

    [Fact]
    public async Task A_part_that_an_older_copy_lacks_is_put_back()
    {
        var keeper = Keeper();
        await keeper.Get();
        var older = Assert.Single(await _store.ReadAuthorities());
        await keeper.Rotate(TimeSpan.FromHours(1));
        await keeper.KeepStored();
        var before = await Stored();
        _store.Clear();
        await _store.AddAuthority(older);

        await keeper.KeepStored();

        Assert.Equal(before, await Stored());
    }

    [Fact]
    public async Task With_a_root_that_another_silo_made_meanwhile_both_are_trusted_and_the_known_one_signs()
    {
        var (one, two) = (Keeper(), Keeper());
        var bundle = (await one.Get()).Bundle;
        await two.Get();
        _store.Clear();
        var stranger = Keeper();
        var strange = (await stranger.Get()).Bundle;

        await Task.WhenAll(Task.Run(one.KeepStored), Task.Run(two.KeepStored));
        await one.KeepStored();

        Assert.Equal([1, 2], (await _store.ReadAuthorities()).Select(static stored => stored.Generation).Order());
        _time.Advance(AuthorityKeeper.Period);
        foreach (var silo in (AuthorityKeeper[])[one, two, stranger])
        {
            var authority = await silo.Get();
            Assert.Contains(bundle.Trim(), authority.Bundle, StringComparison.Ordinal);
            Assert.Contains(strange.Trim(), authority.Bundle, StringComparison.Ordinal);
            Assert.Equal((await one.Get()).Issuing.NotAfter, authority.Issuing.NotAfter);
        }
    }

    [Fact]
    public async Task Nothing_is_made_where_there_never_was_one()
    {
        await Keeper().KeepStored();

        Assert.Empty(await _store.ReadAuthorities());
    }

    [Fact]
    public async Task One_that_is_damaged_is_told_with_its_place_and_the_last_good_one_is_used_on()
    {
        var keeper = Keeper();
        var bundle = (await keeper.Get()).Bundle;
        _store.Failure = new InvalidDataException("The store's key mesh:local:authorities does not hold a StoredAuthority.");
        _time.Advance(AuthorityKeeper.Period);

        Assert.Equal(bundle, (await keeper.Get()).Bundle);
        var exception = await Assert.ThrowsAsync<AuthorityException>(() => Keeper().Get());
        Assert.Contains("mesh:local:authorities", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AuthorityException>(keeper.KeepStored);
        await Assert.ThrowsAsync<AuthorityException>(() => keeper.Rotate(TimeSpan.FromHours(1)));
    }

    private AuthorityKeeper Keeper() => new(
        new AuthoritySettings("mesh.local", null, null, null), _store, new DataProtectionVault(_keys.FullName), _time, NullLogger<AuthorityKeeper>.Instance);

    /// <summary>As of now, whatever was read before.</summary>
    private async Task<string> Bundle(AuthorityKeeper keeper)
    {
        _time.Advance(AuthorityKeeper.Period);
        return (await keeper.Get()).Bundle;
    }

    private async Task<List<StoredAuthority>> Stored() => [.. (await _store.ReadAuthorities()).OrderBy(static one => one.Generation)];
}
