using System.Text;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Validation;

/// <summary>Which settings of load balancing, locality, outlier detection and health checks are refused, and where.</summary>
public sealed class BalancingValidatorTests
{
    [Theory]
    [InlineData("""{"loadBalancer":{"type":"ringHash"}}""", ".loadBalancer.hash", "is required")]
    [InlineData("""{"loadBalancer":{"type":"maglev"}}""", ".loadBalancer.hash", "is required")]
    [InlineData("""{"loadBalancer":{"type":"random","hash":{"header":"x"}}}""", ".loadBalancer.hash", "belongs to the types")]
    [InlineData("""{"loadBalancer":{"type":"maglev","hash":{}}}""", ".loadBalancer.hash", "exactly one of")]
    [InlineData("""{"loadBalancer":{"type":"maglev","hash":{"header":"x","sourceAddress":true}}}""", ".loadBalancer.hash", "exactly one of")]
    [InlineData("""{"loadBalancer":{"type":"maglev","hash":{"header":"x y"}}}""", ".loadBalancer.hash.header", "not a header name")]
    [InlineData("""{"loadBalancer":{"slowStart":{"window":"500ms"}}}""", ".loadBalancer.slowStart.window", "from 1s to 1h")]
    [InlineData("""{"loadBalancer":{"slowStart":{"window":"10s","minPercent":0}}}""", ".loadBalancer.slowStart.minPercent", "from 1 to 100")]
    [InlineData("""{"locality":{"overprovisioningPercent":99}}""", ".locality.overprovisioningPercent", "from 100 to 1000")]
    [InlineData("""{"locality":{"panicThresholdPercent":101}}""", ".locality.panicThresholdPercent", "from 0 to 100")]
    [InlineData("""{"outlierDetection":{"consecutiveGatewayErrors":0}}""", ".outlierDetection.consecutiveGatewayErrors", "from 1 to 1000")]
    [InlineData("""{"outlierDetection":{"successRate":{"percent":0}}}""", ".outlierDetection.successRate.percent", "from 1 to 100")]
    [InlineData("""{"outlierDetection":{"successRate":{"percent":80,"window":"2h"}}}""", ".outlierDetection.successRate.window", "from 1s to 1h")]
    [InlineData("""{"outlierDetection":{"successRate":{"percent":80,"minRequests":0}}}""", ".outlierDetection.successRate.minRequests", "from 1 to 1000000")]
    [InlineData("""{"healthCheck":{"path":"health"}}""", ".healthCheck.path", "start with '/'")]
    [InlineData("""{"healthCheck":{"path":""}}""", ".healthCheck.path", "start with '/'")]
    [InlineData("""{"healthCheck":{"path":"/a b"}}""", ".healthCheck.path", "visible ASCII")]
    [InlineData("""{"healthCheck":{"grpcService":"a.B"}}""", ".healthCheck.grpcService", "type grpc only")]
    [InlineData("""{"healthCheck":{"interval":"50ms","timeout":"10ms"}}""", ".healthCheck.interval", "from 100ms to 1h")]
    [InlineData("""{"healthCheck":{"timeout":"11s"}}""", ".healthCheck.timeout", "at most \"interval\" (10s)")]
    [InlineData("""{"healthCheck":{"interval":"1h","timeout":"61s"}}""", ".healthCheck.timeout", "to 1m")]
    [InlineData("""{"healthCheck":{"timeout":"0s"}}""", ".healthCheck.timeout", "from 1ms")]
    [InlineData("""{"healthCheck":{"unhealthyThreshold":0}}""", ".healthCheck.unhealthyThreshold", "from 1 to 100")]
    [InlineData("""{"healthCheck":{"healthyThreshold":101}}""", ".healthCheck.healthyThreshold", "from 1 to 100")]
    public void Refuses(string traffic, string path, string message)
    {
        var error = Assert.Single(Errors(traffic));
        Assert.Equal("$.traffic" + path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"loadBalancer":{"type":"ringHash","hash":{"cookie":"sid"},"slowStart":{"window":"1h","minPercent":100}}}""")]
    [InlineData("""{"loadBalancer":{"type":"maglev","hash":{"sourceAddress":true}}}""")]
    [InlineData("""{"locality":{"enabled":false,"overprovisioningPercent":100,"panicThresholdPercent":0}}""")]
    [InlineData("""{"outlierDetection":{"consecutiveGatewayErrors":1000,"successRate":{"percent":100,"window":"1s","minRequests":1}}}""")]
    [InlineData("""{"healthCheck":{"path":"/health?deep=1","interval":"100ms","timeout":"100ms"}}""")]
    [InlineData("""{"healthCheck":{"type":"grpc","grpcService":"shop.Web"}}""")]
    [InlineData("""{"healthCheck":{"type":"tcp"}}""")]
    public void Accepts(string traffic) => Assert.Empty(Errors(traffic));

    [Theory]
    [InlineData("""{"loadBalancer":{"type":"none"}}""", ".loadBalancer.type")]
    [InlineData("""{"healthCheck":{"type":"none","grpcService":"a"}}""", ".healthCheck.type")]
    [InlineData("""{"healthCheck":{"interval":"x","timeout":"20s"}}""", ".healthCheck.interval")]
    public void What_is_malformed_causes_no_errors_elsewhere(string traffic, string path) =>
        Assert.Equal("$.traffic" + path, Assert.Single(Errors(traffic)).Path);

    private static IReadOnlyList<SpecError> Errors(string traffic)
    {
        Assert.True(StrictJson.TryParse(Encoding.UTF8.GetBytes($$"""{"traffic":{{traffic}}}"""), out var document, out var syntax), syntax?.ToString());
        var errors = new SpecErrors();
        if (StrictJson.Read<ServiceSpec>(document, JsonPath.Root, errors) is { } spec)
        {
            SpecValidator.Validate(spec, JsonPath.Root, errors);
        }

        return errors.Items;
    }
}
