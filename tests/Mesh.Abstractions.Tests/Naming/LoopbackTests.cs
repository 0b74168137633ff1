using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Tests.Naming;

public class LoopbackTests
{
    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LocalHost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.8.7", true)]
    [InlineData("::1", true)]
    [InlineData("[::1]", true)]
    [InlineData("loopback", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("127.0.0.1.example", false)]
    [InlineData("", false)]
    public void Only_localhost_and_addresses_of_loopback_are_loopback(string host, bool isLoopback) => Assert.Equal(isLoopback, Loopback.IsHost(host));

    [Theory]
    [InlineData("http://localhost:4180", true)]
    [InlineData("http://127.0.0.1:4180/", true)]
    [InlineData("http://127.0.0.1", true)]
    [InlineData("http://[::1]:4180", true)]
    [InlineData("http://[::1]/", true)]
    [InlineData("http://loopback:4180", false)]
    [InlineData("http://localhost@:4180", false)]
    [InlineData("http://me@localhost:4180", false)]
    [InlineData("http://%6cocalhost:4180", false)]
    [InlineData("http://[::]:4180", false)]
    public void Who_listens_takes_the_host_as_it_is_written(string url, bool isLoopback) =>
        Assert.Equal(isLoopback, AbsoluteUri.TryParse(url, out var uri) && Loopback.IsListener(uri));
}
