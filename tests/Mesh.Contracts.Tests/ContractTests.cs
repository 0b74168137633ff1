using System.Reflection;
using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Contracts.Tests.Description;
using Mesh.Contracts.Tests.Recording;
using Mesh.Grains;

namespace Mesh.Contracts.Tests;

/// <summary>The types of today against what was recorded of earlier programs.</summary>
public class ContractTests
{
    [Fact]
    public void Nothing_changed_that_programs_of_a_recorded_contract_rely_on()
    {
        var accepted = File.ReadLines(Path.Combine(ContractFolder.Root, "accepted.txt"))
            .Where(static line => line.Length > 0 && !line.StartsWith('#'))
            .ToHashSet();
        var breaks = ContractCheck.FindBreaks(Contract.Recorded(ContractFolder.Newest), Contract.Current);

        Assert.True(
            breaks.All(accepted.Contains),
            "Programs of before and of after this change cannot work together (CONTRIBUTING.md, \"How to change a wire or stored type\"):\n  "
            + string.Join("\n  ", breaks.Where(line => !accepted.Contains(line))));
        Assert.True(accepted.All(breaks.Contains), $"accepted.txt has lines that accept nothing: {string.Join("; ", accepted.Except(breaks))}");
    }

    [Fact]
    public void Whatever_calls_carry_has_an_alias()
    {
        var types = new[] { typeof(MeshJson).Assembly, typeof(MeshRegion).Assembly }
            .SelectMany(static assembly => assembly.GetTypes())
            .Where(static type => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true)
            .ToList();
        var interfaces = types.Where(static type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable))).ToList();
        MemberInfo[] members =
        [
            .. types.Where(static type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)),
            .. interfaces,
            .. interfaces.SelectMany(static type => type.GetMethods()),
        ];

        Assert.All(members, static member => Assert.True(member.IsDefined(typeof(AliasAttribute), inherit: false), $"{member.DeclaringType} {member}"));
    }

    [Fact]
    public void What_earlier_programs_sent_reads_as_it_was_meant()
    {
        using var serializer = new WireSerializer();
        var recorded = JsonSerializer.Deserialize<Dictionary<string, WirePayload>>(ContractFolder.Read(ContractFolder.Newest, "wire.json"), MeshJson.Options)!;

        Assert.Equal(WireSamples.All.Keys.Order(StringComparer.Ordinal), recorded.Keys.Order(StringComparer.Ordinal));
        Assert.All(recorded, pair =>
            Assert.Empty(JsonDifference.Find(pair.Value.Value, WireSerializer.ToJson(serializer.Decode(pair.Value.Bytes)), pair.Key)));
    }

    [Fact]
    public void A_document_with_a_member_or_a_value_nobody_knows_yet_is_read_or_refused_as_a_whole()
    {
        var reader = new OldReader(Contract.Recorded(ContractFolder.Newest));

        Assert.Empty(reader.Read("""{"service":"a/b","revision":1,"specRevision":1,"later":{}}""", "CatalogEntry"));
        Assert.Equal(["CatalogEntry.specRevision is missing"], reader.Read("""{"service":"a/b","revision":1}""", "CatalogEntry"));
        Assert.Equal(
            ["EndpointSpec.state is not enum EndpointState: Later"],
            reader.Read("""{"host":"a","port":1,"state":"Later"}""", "EndpointSpec"));
    }
}
