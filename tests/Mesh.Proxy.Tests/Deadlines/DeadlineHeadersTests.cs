using Mesh.Proxy.Deadlines;

namespace Mesh.Proxy.Tests.Deadlines;

public sealed class DeadlineHeadersTests
{
    [Theory]
    [InlineData(null, null, false, null)]
    [InlineData("250ms", null, false, 250)]
    [InlineData("1s", null, true, 1_000)]
    [InlineData(null, "1S", true, 1_000)]
    [InlineData(null, "1S", false, null)]
    [InlineData("1s", "2S", true, 1_000)]
    [InlineData("2s", "1S", true, 1_000)]
    [InlineData("0s", "1S", true, 0)]
    [InlineData("2000h", null, false, null)]
    public void Reads_the_stricter(string? mesh, string? grpc, bool isGrpc, int? milliseconds)
    {
        Assert.True(DeadlineHeaders.TryRead(Request(mesh, grpc, isGrpc), out var allowed, out _));
        Assert.Equal(milliseconds is { } some ? TimeSpan.FromMilliseconds(some) : null, allowed);
    }

    [Theory]
    [InlineData("soon", null, "mesh-timeout is 'soon'")]
    [InlineData("", null, "mesh-timeout")]
    [InlineData("1.5s", null, "mesh-timeout")]
    [InlineData("1s", "1x", "grpc-timeout is '1x'")]
    public void Refuses(string? mesh, string? grpc, string says)
    {
        Assert.False(DeadlineHeaders.TryRead(Request(mesh, grpc, isGrpc: true), out _, out var problem));
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_one_that_comes_twice()
    {
        var request = Request(null, null, isGrpc: false);
        request.Headers[DeadlineHeaders.Mesh] = new(["1s", "1s"]);

        Assert.False(DeadlineHeaders.TryRead(request, out _, out _));
    }

    [Theory]
    [InlineData(false, 1_000, "mesh-timeout: 1000ms", "grpc-timeout: 9S")]
    [InlineData(true, 1_000, "grpc-timeout: 1000000u")]
    [InlineData(false, 0.2, "mesh-timeout: 1ms", "grpc-timeout: 9S")]
    [InlineData(true, -5, "grpc-timeout: 1u")]
    public void Replaces_what_the_caller_said(bool isGrpc, double milliseconds, params string[] headers)
    {
        using var upstream = new HttpRequestMessage();
        upstream.Headers.TryAddWithoutValidation(DeadlineHeaders.Mesh, "9s");
        upstream.Headers.TryAddWithoutValidation(DeadlineHeaders.Grpc, "9S");

        DeadlineHeaders.Set(Request(null, null, isGrpc), upstream, TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(headers.Order(), upstream.Headers.Select(header => $"{header.Key}: {header.Value.Single()}").Order());
    }

    private static HttpRequest Request(string? mesh, string? grpc, bool isGrpc)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = isGrpc ? "application/grpc" : "text/plain";
        if (mesh is not null)
        {
            request.Headers[DeadlineHeaders.Mesh] = mesh;
        }

        if (grpc is not null)
        {
            request.Headers[DeadlineHeaders.Grpc] = grpc;
        }

        return request;
    }
}
