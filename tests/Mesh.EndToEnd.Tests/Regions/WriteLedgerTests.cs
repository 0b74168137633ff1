namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>What the ledger finds and what it has to let pass: a check that never fails would prove nothing.</summary>
public sealed class WriteLedgerTests
{
    private const string Register = "chaos/a: traffic";

    private readonly WriteLedger _ledger = new(isOrderedAcrossRegions: true);

    [Fact]
    public void An_acknowledged_write_must_be_there()
    {
        Write("east", "1", sent: 1, acknowledged: 2);

        Assert.Null(_ledger.Refute(Register, "1"));
        Assert.NotNull(_ledger.Refute(Register, null));
    }

    [Fact]
    public void A_write_that_was_superseded_must_not()
    {
        Write("east", "1", sent: 1, acknowledged: 2);
        Write("west", "2", sent: 3, acknowledged: 4);

        Assert.NotNull(_ledger.Refute(Register, "1"));
        Assert.Null(_ledger.Refute(Register, "2"));
    }

    [Fact]
    public void Of_writes_at_the_same_time_either_may_hold()
    {
        Write("east", "1", sent: 1, acknowledged: 3);
        Write("west", "2", sent: 2, acknowledged: 4);

        Assert.Null(_ledger.Refute(Register, "1"));
        Assert.Null(_ledger.Refute(Register, "2"));
    }

    [Fact]
    public void A_write_that_was_not_acknowledged_may_come_at_any_time_or_never()
    {
        Write("east", "1", sent: 1, acknowledged: null);
        Write("east", "2", sent: 3, acknowledged: 4);

        Assert.Null(_ledger.Refute(Register, "1"));
        Assert.Null(_ledger.Refute(Register, "2"));
        Assert.NotNull(_ledger.Refute(Register, null));
    }

    [Fact]
    public void A_write_that_may_change_nothing_supersedes_nothing()
    {
        Write("east", "1", sent: 1, acknowledged: 2);
        Write("west", null, sent: 3, acknowledged: 4, isCertain: false);

        Assert.Null(_ledger.Refute(Register, "1"));
        Assert.Null(_ledger.Refute(Register, null));
    }

    [Fact]
    public void Where_a_clock_is_off_order_holds_within_a_region_only()
    {
        var ledger = new WriteLedger(isOrderedAcrossRegions: false);
        Write("east", "1", sent: 1, acknowledged: 2, ledger: ledger);
        Write("west", "2", sent: 3, acknowledged: 4, ledger: ledger);
        Write("west", "3", sent: 5, acknowledged: 6, ledger: ledger);

        Assert.Null(ledger.Refute(Register, "1"));
        Assert.NotNull(ledger.Refute(Register, "2"));
        Assert.Null(ledger.Refute(Register, "3"));
    }

    [Fact]
    public void What_nobody_wrote_must_not_be_there() => Assert.NotNull(_ledger.Refute(Register, "9"));

    private void Write(string region, string? value, int sent, int? acknowledged, bool isCertain = true, WriteLedger? ledger = null) =>
        (ledger ?? _ledger).Add(new LedgerWrite(region, "chaos/a", "PUT", TimeSpan.FromSeconds(sent), [new WriteEffect(Register, value, isCertain)])
        {
            Acknowledged = acknowledged is { } second ? TimeSpan.FromSeconds(second) : null,
        });
}
