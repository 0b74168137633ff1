using Mesh.Abstractions.Routing;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Tests.Routing;

public sealed class HeaderChangesTests
{
    private static readonly HeaderModifier Modifier = new()
    {
        Set = [new HeaderValue { Name = "x-set", Value = "new" }, new HeaderValue { Name = "content-type", Value = "text/new" }],
        Add = [new HeaderValue { Name = "x-add", Value = "two" }],
        Remove = ["x-remove", "content-language"],
    };

    [Fact]
    public void Changes_a_request_and_its_content()
    {
        using var request = new HttpRequestMessage { Content = new StringContent("x") };
        request.Headers.Add("X-Set", ["old", "older"]);
        request.Headers.Add("x-add", "one");
        request.Headers.Add("x-remove", "gone");
        request.Content.Headers.Add("content-language", "de");

        HeaderChanges.Create([Modifier])!.Apply(request);

        Assert.Equal(["new"], request.Headers.GetValues("x-set"));
        Assert.Equal(["one", "two"], request.Headers.GetValues("x-add"));
        Assert.False(request.Headers.Contains("x-remove"));
        Assert.Equal("text/new", request.Content.Headers.NonValidated["content-type"].ToString());
        Assert.False(request.Content.Headers.Contains("content-language"));
    }

    [Fact]
    public void Leaves_out_what_describes_a_body_when_there_is_none()
    {
        using var request = new HttpRequestMessage();

        HeaderChanges.Create([Modifier])!.Apply(request);

        Assert.Equal(["new"], request.Headers.GetValues("x-set"));
    }

    [Fact]
    public void Changes_a_response()
    {
        var headers = new HeaderDictionary { ["x-set"] = "old", ["x-add"] = "one", ["X-Remove"] = "gone", ["content-type"] = "text/old" };

        HeaderChanges.Create([Modifier])!.Apply(headers);

        Assert.Equal("new", headers["x-set"]);
        Assert.Equal(["one", "two"], headers["x-add"].ToArray());
        Assert.False(headers.ContainsKey("x-remove"));
        Assert.Equal("text/new", headers["content-type"]);
    }

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("transfer-encoding")]
    [InlineData("connection")]
    [InlineData("not a name")]
    [InlineData("")]
    public void Refuses_names_that_no_rule_may_change(string name) =>
        Assert.Throws<ArgumentException>(() => HeaderChanges.Create([new HeaderModifier { Remove = [name] }]));

    [Fact]
    public void Is_nothing_when_there_is_nothing_to_change() => Assert.Null(HeaderChanges.Create([new HeaderModifier()]));
}
