using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Regions;

namespace Mesh.Proxy.Tests.Regions;

public sealed class BackendHeaderTests
{
    private static readonly ServiceName Web = new("shop", "web");

    [Fact]
    public void What_is_written_is_read()
    {
        var labels = LabelSet.Create(new Dictionary<string, string> { ["version"] = "2", ["odd"] = "a;b=c, ä%\"", ["empty"] = "", ["app.kubernetes.io/name"] = "x" });

        var text = BackendHeader.Format(Web, labels);

        Assert.True(text.All(static letter => letter is > ' ' and <= '~'), text);
        Assert.True(BackendHeader.TryParse(text, out var service, out var read));
        Assert.Equal((Web, labels), (service, read));
        Assert.True(BackendHeader.TryParse("shop/web", out service, out read));
        Assert.Equal((Web, null), (service, read));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("web")]
    [InlineData("shop/web/x")]
    [InlineData("Shop/web")]
    [InlineData(" shop/web")]
    [InlineData("shop/web ")]
    [InlineData("shop/web;")]
    [InlineData("shop/web;version")]
    [InlineData("shop/web;=2")]
    [InlineData("shop/web;version=2=3")]
    [InlineData("shop/web;version=2;version=3")]
    [InlineData("shop/web;a=1;%61=1")]
    [InlineData("shop/web, shop/api")]
    [InlineData("shop/namespace-settings")]
    [InlineData("mesh/gateway")]
    public void What_no_proxy_writes_is_refused(string? text) => Assert.False(BackendHeader.TryParse(text, out _, out _));

    [Fact]
    public void So_is_what_is_too_much()
    {
        var most = string.Concat(Enumerable.Range(0, SpecLimits.Labels).Select(static i => $";l{i}=v"));
        Assert.True(BackendHeader.TryParse($"shop/web{most}", out _, out _));
        Assert.False(BackendHeader.TryParse($"shop/web{most};more=v", out _, out _));
        Assert.False(BackendHeader.TryParse($"shop/web;long={new string('x', 1_000_000)}", out _, out _));
    }
}
