using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Silo.Api.Documents;

namespace Mesh.Silo.Tests.Api.Documents;

public class YamlTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: 007", """{"a":7}""")]
    [InlineData("a: +1.50e3", """{"a":1.50e3}""")]
    [InlineData("a: .5", """{"a":0.5}""")]
    [InlineData("a: -1.", """{"a":-1}""")]
    [InlineData("a: 0x1F", """{"a":31}""")]
    [InlineData("a: 0o17", """{"a":15}""")]
    [InlineData("a: 1.2.3", """{"a":"1.2.3"}""")]
    [InlineData("a: 10.0.0.1", """{"a":"10.0.0.1"}""")]
    [InlineData("a: .inf", """{"a":".inf"}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: yes", """{"a":"yes"}""")]
    [InlineData("a: true", """{"a":true}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: \"\"", """{"a":""}""")]
    [InlineData("- \"\": 1", """[{"":1}]""")]
    [InlineData("1: [a, {b: c}, [], {}]", """{"1":["a",{"b":"c"},[],{}]}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("a: {b: {c: {d: [[[1]]]}}}", """{"a":{"b":{"c":{"d":[[[1]]]}}}}""")]
    public void Reads_by_the_core_schema(string yaml, string json) => Assert.Equal(json, Parse(yaml).Single().GetRawText());

    [Fact]
    public void Keeps_repeated_keys_for_the_strict_reader_to_refuse() => Assert.Equal("""{"a":1,"a":2}""", Parse("a: 1\na: 2").Single().GetRawText());

    [Theory]
    [InlineData("a: &x 1\nb: *x", "anchors")]
    [InlineData("a: *x", "aliases")]
    [InlineData("a: !!binary AAAA", "tags")]
    [InlineData("? [a]\n: b", "key must be a scalar")]
    [InlineData("- : 1", "key is missing")]
    [InlineData("a:\n  : 1", "key is missing")]
    [InlineData("{ : 1 }", "key is missing")]
    [InlineData("a: \"\\ud800\"", "")]
    [InlineData("a: [", "")]
    [InlineData("a: b: c", "")]
    [InlineData("%YAML 9.9\n---\na", "")]
    public void Refuses(string yaml, string message)
    {
        Assert.False(YamlReader.TryParse(Encoding.UTF8.GetBytes(yaml), out _, out var error));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.True(error.Line >= 1 && error.Position >= 1);
    }

    [Fact]
    public void Refuses_nesting_that_is_too_deep()
    {
        Assert.False(YamlReader.TryParse(Encoding.UTF8.GetBytes(new string('[', 50_000)), out _, out var error));
        Assert.Contains("deeper than 32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_bytes_that_are_not_UTF_8() => Assert.False(YamlReader.TryParse(new byte[] { (byte)'a', 0xFF }, out _, out _));

    [Theory]
    [InlineData("""{"a":"true","b":"1","c":"","d":" x ","e":"a: b","f":"#","g":"null","h":"~","i":"-","j":"no","k":"\u0007\n\t\\\"","l":"é\ud83d\ude00"}""")]
    [InlineData("""{"true":[],"1":{},"":[[1.5,-2,1e3],[true,false,null]],"x y":{"z":{"w":["a",{"b":"c"}]}}}""")]
    [InlineData("""["0x10","0o7","1e3",".5","+1","2026-01-01","=","<<","*a","&a","!a","%a","@a","`a","|",">","?","---","..."]""")]
    public void Writes_what_it_reads(string json) => AssertComesBack(json);

    [Theory]
    [InlineData(":", 1023)]
    [InlineData("\u0001", 168)]
    [InlineData("\u0001", 169)]
    [InlineData("\u0001", 300)]
    [InlineData("a", 5000)]
    public void Writes_long_keys(string character, int count) =>
        AssertComesBack(new JsonObject { [string.Concat(Enumerable.Repeat(character, count))] = new JsonArray(1, "x") }.ToJsonString());

    [Fact]
    public void Never_throws_on_damaged_text()
    {
        var random = new Random(7);
        var original = "---\nname: web\nspec:\n  routes:\n  - {name: r, matches: [{path: {value: '/a'}}]}\n  hosts: [\"a\\u0041\", b]\n  x: |\n    text\n";
        const string Letters = "[]{}:-?&*!|>'\"%@#\\ \n\t,ab0\u0085\uFEFF\u0000";
        var refused = 0;
        for (var round = 0; round < 5000; round++)
        {
            var text = new StringBuilder(original);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                text[random.Next(text.Length)] = Letters[random.Next(Letters.Length)];
            }

            refused += YamlReader.TryParse(Encoding.UTF8.GetBytes(text.ToString()), out _, out _) ? 0 : 1;
        }

        Assert.InRange(refused, 1000, 4900);
    }

    private static IReadOnlyList<JsonElement> Parse(string yaml)
    {
        Assert.True(YamlReader.TryParse(Encoding.UTF8.GetBytes(yaml), out var documents, out var error), error?.ToString());
        return documents;
    }

    private static void AssertComesBack(string json)
    {
        using var document = JsonDocument.Parse(json);
        var yaml = YamlWriter.Write(document.RootElement);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(Parse(yaml).Single().GetRawText())), yaml);
    }
}
