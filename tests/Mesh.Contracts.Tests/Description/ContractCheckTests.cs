namespace Mesh.Contracts.Tests.Description;

public class ContractCheckTests
{
    private static readonly string[] Before =
    [
        "wire mesh.ProxyInfo: class",
        "wire mesh.ProxyInfo field 3 (Service): mesh.ServiceName?",
        "json CatalogEntry.service: string ServiceName, required",
        "enum EndpointState.Ready: Ready",
        "command ServiceCommand.putSpec: PutSpec",
        "interface mesh.IServiceGrain: version 0",
    ];

    [Fact]
    public void The_same_contract_breaks_nothing() => Assert.Empty(Check(Before));

    [Fact]
    public void A_lost_field_is_named() =>
        Assert.Equal(["lost: wire mesh.ProxyInfo field 3 (Service): mesh.ServiceName?"], Check([.. Before.Where(static line => !line.Contains("field 3", StringComparison.Ordinal))]));

    [Fact]
    public void A_changed_type_is_named() => Assert.Equal(
        ["changed: wire mesh.ProxyInfo field 3 (Service): from \"mesh.ServiceName?\" to \"string\""],
        Check([.. Before.Select(static line => line.Replace("mesh.ServiceName?", "string", StringComparison.Ordinal))]));

    [Theory]
    [InlineData("wire mesh.ProxyInfo field 9 (Kind): string, required", "required, and old programs do not write it: ")]
    [InlineData("json CatalogEntry.kind: string, required", "required, and old programs do not write it: ")]
    [InlineData("enum EndpointState.Stale: Stale", "a value that old programs refuse: ")]
    [InlineData("command ServiceCommand.later: Later", "a command that old silos refuse: ")]
    [InlineData("interface mesh.IServiceGrain method Later: () -> nothing", "a method that old programs do not have: ")]
    public void What_old_programs_do_not_know_is_named(string addition, string why) => Assert.Equal([why + addition], Check([.. Before, addition]));

    [Theory]
    [InlineData("wire mesh.ProxyInfo field 9 (Kind): string?")]
    [InlineData("json CatalogEntry.kind: string, or null")]
    [InlineData("wire mesh.Later field 0 (Kind): string, required")]
    [InlineData("enum Later.First: First")]
    public void What_they_may_skip_or_never_meet_breaks_nothing(string addition) => Assert.Empty(Check([.. Before, addition]));

    private static IReadOnlyList<string> Check(string[] now) =>
        ContractCheck.FindBreaks([.. Before.Select(ContractLine.Parse)], [.. now.Select(ContractLine.Parse)]);
}
