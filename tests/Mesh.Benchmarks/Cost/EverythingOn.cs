using Mesh.Benchmarks.Measuring;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Cost;

/// <summary>A service with everything switched on that a plain request passes: what each feature costs shows beside a service without any.</summary>
internal static class EverythingOn
{
    private const string Route =
        """
        { "name": "all",
          "matches": [{ "path": { "value": "/" }, "method": "GET", "headers": [{ "type": "RegularExpression", "name": "host", "value": "[a-z.]+" }] }],
          "filters": [{ "type": "RequestHeaderModifier", "requestHeaderModifier": { "set": [{ "name": "x-from", "value": "mesh" }], "remove": ["x-secret"] } },
                      { "type": "ResponseHeaderModifier", "responseHeaderModifier": { "set": [{ "name": "x-by", "value": "mesh" }] } },
                      { "type": "URLRewrite", "urlRewrite": { "path": { "type": "ReplacePrefixMatch", "replacePrefixMatch": "/" } } }],
          "timeouts": { "request": "30s", "backendRequest": "10s" },
          "retry": { "attempts": 2, "codes": [502, 503] },
          "rateLimit": { "requests": 1000000, "perCaller": { "sourceAddress": true } },
          "sessionPersistence": { "type": "Header" } }
        """;

    private const string Traffic =
        """
        { "loadBalancer": { "type": "peakEwma", "slowStart": { "window": "10s" } },
          "outlierDetection": { "consecutiveFailures": 7, "consecutiveGatewayErrors": 5, "successRate": { "percent": 50 } },
          "healthCheck": { "type": "tcp" },
          "limits": { "concurrent": 100000, "concurrentPerEndpoint": 100000 },
          "rateLimit": { "requests": 1000000 } }
        """;

    public static async Task Put(SiloProcess silo, string name, int port)
    {
        await Fixtures.Put(silo, $"/v1/namespaces/{Fixtures.Namespace}", new { allowOverride = true, allowExplain = true });
        await Fixtures.PutService(silo, name, port);
        await Fixtures.PutJson(silo, $"/v1/services/{Fixtures.Namespace}/{name}/traffic", Traffic);
        await Fixtures.PutJson(silo, $"/v1/services/{Fixtures.Namespace}/{name}/routes/all", Route);
    }
}
