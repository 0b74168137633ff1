using System.Text;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Validation;

/// <summary>Time limits, hedging, rate limits, concurrency limits and connections.</summary>
public class LimitValidatorTests
{
    [Theory]
    [InlineData("""{"timeouts":{"idle":"25h"}}""", ".timeouts.idle", "to 24h")]
    [InlineData("""{"hedge":{"delay":"0s"}}""", ".hedge.delay", "from 1ms to 1m")]
    [InlineData("""{"hedge":{"delay":"2m"}}""", ".hedge.delay", "from 1ms to 1m")]
    [InlineData("""{"rateLimit":{"requests":0}}""", ".rateLimit.requests", "from 1 to 1000000")]
    [InlineData("""{"rateLimit":{"requests":1,"per":"99ms"}}""", ".rateLimit.per", "from 100ms to 1h")]
    [InlineData("""{"rateLimit":{"requests":1,"per":"2h"}}""", ".rateLimit.per", "from 100ms to 1h")]
    [InlineData("""{"rateLimit":{"requests":1,"burst":0}}""", ".rateLimit.burst", "from 1 to 1000000")]
    [InlineData("""{"rateLimit":{"requests":1,"perCaller":{}}}""", ".rateLimit.perCaller", "exactly one")]
    [InlineData("""{"rateLimit":{"requests":1,"perCaller":{"header":"a","cookie":"b"}}}""", ".rateLimit.perCaller", "exactly one")]
    [InlineData("""{"rateLimit":{"requests":1,"perCaller":{"header":"a b"}}}""", ".rateLimit.perCaller.header", "not a header name")]
    [InlineData("""{"rateLimit":{"requests":1,"perCaller":{"cookie":"a;b"}}}""", ".rateLimit.perCaller.cookie", "not a cookie's name")]
    public void Refuses_in_a_rule(string fields, string path, string message) => AssertOnly(
        $$"""{"routes":[{"name":"a",{{fields[1..]}}]}""", "$.routes[0]" + path, message);

    [Theory]
    [InlineData("""{"limits":{"concurrent":0}}""", ".limits.concurrent", "from 1 to 1000000")]
    [InlineData("""{"limits":{"concurrentPerEndpoint":1000001}}""", ".limits.concurrentPerEndpoint", "from 1 to 1000000")]
    [InlineData("""{"limits":{"concurrent":1,"pending":-1}}""", ".limits.pending", "from 0 to 100000")]
    [InlineData("""{"limits":{"pending":1}}""", ".limits.pending", "does nothing")]
    [InlineData("""{"limits":{"concurrent":1,"pendingTimeout":"0s"}}""", ".limits.pendingTimeout", "from 1ms to 1m")]
    [InlineData("""{"rateLimit":{"requests":1000001}}""", ".rateLimit.requests", "from 1 to 1000000")]
    [InlineData("""{"rateLimit":{"requests":1,"per":"0s"}}""", ".rateLimit.per", "from 100ms")]
    [InlineData("""{"connections":{"maxPerEndpoint":65536}}""", ".connections.maxPerEndpoint", "from 1 to 65535")]
    [InlineData("""{"connections":{"connectTimeout":"9ms"}}""", ".connections.connectTimeout", "from 10ms to 1m")]
    [InlineData("""{"connections":{"idleTimeout":"999ms"}}""", ".connections.idleTimeout", "from 1s to 24h")]
    [InlineData("""{"connections":{"lifetime":"25h"}}""", ".connections.lifetime", "from 1s to 24h")]
    [InlineData("""{"tls":{"serverName":"Api"}}""", ".tls.serverName", "not a DNS name")]
    [InlineData("""{"tls":{}}""", ".tls.serverName", "is required")]
    [InlineData("""{"tls":{"serverName":"api.example","subjectAltNames":["a b"]}}""", ".tls.subjectAltNames[0]", "neither a DNS name")]
    [InlineData("""{"tls":{"serverName":"api.example","roots":"nothing"}}""", ".tls.roots", "is not PEM")]
    [InlineData("""{"tls":{"serverName":"api.example","minVersion":"1.1"}}""", ".tls.minVersion", "1.2")]
    public void Refuses_in_a_traffic_policy(string traffic, string path, string message) =>
        AssertOnly($$"""{"traffic":{{traffic}}}""", "$.traffic" + path, message);

    [Fact]
    public void Refuses_a_rate_limit_where_no_requests_are_seen() => AssertOnly(
        """{"protocol":"tcp","traffic":{"rateLimit":{"requests":1}, "limits":{"concurrent":1}}}""", "$.traffic.rateLimit", "no requests are seen");

    [Fact]
    public void Accepts_all_of_it_within_its_limits() => Assert.Empty(Errors(
        """
        { "routes": [{ "name": "a", "timeouts": { "request": "0s", "idle": "5m" }, "hedge": { "delay": "50ms" },
                       "retry": { "attempts": 1, "nonIdempotent": true },
                       "rateLimit": { "requests": 10, "per": "1m", "burst": 1, "perCaller": { "sourceAddress": true } } }],
          "traffic": { "limits": { "concurrent": 10, "concurrentPerEndpoint": 5, "pending": 0, "pendingTimeout": "1m" },
                       "rateLimit": { "requests": 1000000, "per": "100ms", "burst": 1000000 },
                       "connections": { "maxPerEndpoint": 1, "connectTimeout": "10ms", "idleTimeout": "1s", "lifetime": "24h" } } }
        """));

    private static void AssertOnly(string json, string path, string message)
    {
        var error = Assert.Single(Errors(json));
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<SpecError> Errors(string json)
    {
        Assert.True(StrictJson.TryParse(Encoding.UTF8.GetBytes(json), out var document, out var syntax), syntax?.ToString());
        var errors = new SpecErrors();
        if (StrictJson.Read<ServiceSpec>(document, JsonPath.Root, errors) is { } spec)
        {
            SpecValidator.Validate(spec, JsonPath.Root, errors);
        }

        return errors.Items;
    }
}
