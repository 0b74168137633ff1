using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Json;

public class StrictJsonTests
{
    [Theory]
    [InlineData("""{"hosst":[]}""", "$.hosst", "did you mean \"hosts\"?")]
    [InlineData("""{"HOSTS":[]}""", "$.HOSTS", "did you mean \"hosts\"?")]
    [InlineData("""{"xyzzy":1}""", "$.xyzzy", "known are access, hosts, mtls, namespaceSettings, ports, protocol, routes, traffic")]
    [InlineData("""{"a b'c":1}""", "$['a b\\'c']", "not a known field")]
    [InlineData("""{"hosts":[],"hosts":[]}""", "$.hosts", "more than once")]
    [InlineData("""{"hosts":null}""", "$.hosts", "must not be null; leave the field out")]
    [InlineData("""{"hosts":"a"}""", "$.hosts", "must be an array, not \"a\"")]
    [InlineData("""{"hosts":[1]}""", "$.hosts[0]", "must be a string, not the number 1")]
    [InlineData("""{"hosts":[null]}""", "$.hosts[0]", "must not be null")]
    [InlineData("""{"ports":["80"]}""", "$.ports[0]", "must be a whole number, not \"80\"")]
    [InlineData("""{"ports":[80.5]}""", "$.ports[0]", "must be a whole number from -2147483648 to 2147483647")]
    [InlineData("""{"ports":[1e3]}""", "$.ports[0]", "without fraction or exponent")]
    [InlineData("""{"ports":[99999999999]}""", "$.ports[0]", "from -2147483648 to 2147483647")]
    [InlineData("""{"ports":[1e999999]}""", "$.ports[0]", "without fraction or exponent")]
    [InlineData("""{"protocol":"Http"}""", "$.protocol", "must be one of \"http\", \"http2\", \"grpc\", \"auto\", \"tcp\", not \"Http\"")]
    [InlineData("""{"protocol":1}""", "$.protocol", "must be one of")]
    [InlineData("""{"routes":[{}]}""", "$.routes[0].name", "is required")]
    [InlineData("""{"routes":[{"name":null}]}""", "$.routes[0].name", "must not be null")]
    [InlineData("""{"routes":[7]}""", "$.routes[0]", "must be an object, not the number 7")]
    [InlineData("""{"routes":[{"name":"a","timeouts":{"request":"5"}}]}""", "$.routes[0].timeouts.request", "must be a duration such as")]
    [InlineData("""{"routes":[{"name":"a","timeouts":{"request":5}}]}""", "$.routes[0].timeouts.request", "not the number 5")]
    [InlineData("""{"routes":[{"name":"a","backendRefs":[{"name":"b"},{"name":"c","weight":{}}]}]}""", "$.routes[0].backendRefs[1].weight", "not an object")]
    [InlineData("""[]""", "$", "must be an object, not an array")]
    [InlineData("""null""", "$", "must not be null")]
    public void Names_the_place_and_the_remedy(string json, string path, string message)
    {
        var (_, errors) = Read<ServiceSpec>(json);
        var error = Assert.Single(errors);
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_every_mistake_at_once_and_keeps_what_is_right()
    {
        var (spec, errors) = Read<ServiceSpec>(
            """
            { "hosts": ["ok.example", 3], "protocol": "smtp", "nope": 1,
              "routes": [ { "backendRefs": [ { "weight": "x" }, { "name": "b", "weight": 5 } ] }, { "name": "good" } ] }
            """);
        Assert.Equal(
            ["$.hosts[1]", "$.protocol", "$.nope", "$.routes[0].backendRefs[0].weight", "$.routes[0].backendRefs[0].name", "$.routes[0].name"],
            errors.Select(error => error.Path));
        Assert.NotNull(spec);
        Assert.Equal(["ok.example", ""], spec.Hosts);
        Assert.Equal("good", spec.Routes[1].Name);
        Assert.Equal(5, spec.Routes[0].BackendRefs[1].Weight);
    }

    [Fact]
    public void Explicit_null_stands_for_absence_where_a_field_is_optional()
    {
        var (spec, errors) = Read<ServiceSpec>("""{"routes":[{"name":"a","timeouts":null,"retry":{"backoff":null}}]}""");
        Assert.Empty(errors);
        Assert.Null(spec!.Routes[0].Timeouts);
    }

    [Fact]
    public void Reads_labels_and_reports_those_that_are_not_strings()
    {
        var (endpoint, errors) = Read<EndpointSpec>("""{"host":"10.0.0.1","port":80,"labels":{"a":"1","b":2,"a":"3"}}""");
        Assert.Equal(["$.labels.b", "$.labels.a"], errors.Select(error => error.Path));
        Assert.Equal("1", endpoint!.Labels["a"]);
    }

    [Fact]
    public void Skips_fields_the_caller_ignores_only_at_the_root()
    {
        var root = new StrictJsonRoot { Ignored = ["revision"] };
        var (_, errors) = Read<ServiceSpec>("""{"revision":{"x":1},"traffic":{"revision":1}}""", root);
        Assert.Equal("$.traffic.revision", Assert.Single(errors).Path);
    }

    [Fact]
    public void Supplies_required_fields_the_caller_knows()
    {
        var root = new StrictJsonRoot { Known = new Dictionary<string, string> { ["name"] = "beta" } };
        var (rule, errors) = Read<RouteRule>("{}", root);
        Assert.Empty(errors);
        Assert.Equal("beta", rule!.Name);
    }

    [Fact]
    public void Lists_at_most_a_hundred_mistakes_and_says_that_there_are_more()
    {
        var (_, errors) = Read<ServiceSpec>($$"""{"hosts":[{{string.Join(',', Enumerable.Range(0, 5000))}}]}""");
        Assert.Equal(SpecErrors.Limit + 1, errors.Count);
        Assert.Contains("more errors", errors[^1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData(" \n ", 1, 1)]
    [InlineData("{", 1, 2)]
    [InlineData("{\n  \"a\": tru\n}", 2, 11)]
    [InlineData("{\"a\":1,}", 1, 8)]
    [InlineData("{} {}", 1, 4)]
    [InlineData("// no\n{}", 1, 1)]
    [InlineData("{\"a\":NaN}", 1, 6)]
    [InlineData("{\"a\":01}", 1, 7)]
    [InlineData("{\n \"a\": \"\\ud800\"}", 2, 7)]
    [InlineData("{\"\\udc00\":1}", 1, 2)]
    [InlineData("'a'", 1, 1)]
    public void Says_where_the_syntax_is_wrong(string json, int line, int position)
    {
        Assert.False(StrictJson.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.Equal((line, position), (error.Line, error.Position));
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_nesting_that_is_too_deep()
    {
        var json = new string('[', 100_000) + new string(']', 100_000);
        Assert.False(StrictJson.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.Contains("depth", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_bytes_that_are_not_UTF_8_at_their_place()
    {
        Assert.False(StrictJson.TryParse("{\"a\":\n\""u8.ToArray().Concat(new byte[] { 0xC3, 0x28 }).ToArray(), out _, out var error));
        Assert.Equal((2, 2), (error.Line, error.Position));
        Assert.False(StrictJson.TryParse(Encoding.Unicode.GetBytes("{\"ä\":1}"), out _, out _));
    }

    [Fact]
    public void Skips_a_byte_order_mark() =>
        Assert.True(StrictJson.TryParse(Encoding.UTF8.GetPreamble().Concat("{}"u8.ToArray()).ToArray(), out _, out _));

    private static (T? Value, IReadOnlyList<SpecError> Errors) Read<T>(string json, StrictJsonRoot? root = null)
        where T : class
    {
        Assert.True(StrictJson.TryParse(Encoding.UTF8.GetBytes(json), out JsonElement document, out var syntax), syntax?.ToString());
        var errors = new SpecErrors();
        return (StrictJson.Read<T>(document, JsonPath.Root, errors, root), errors.Items);
    }
}
