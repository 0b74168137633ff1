namespace Mesh.Abstractions.Tests.Validation;

internal static class SampleSpecs
{
    /// <summary>A spec that uses every field there is.</summary>
    public const string Complete =
        """
        { "hosts": ["web.example"], "ports": [80], "protocol": "http",
          "routes": [
            { "name": "beta",
              "matches": [{ "path": { "type": "PathPrefix", "value": "/api" },
                            "headers": [{ "name": "x-group", "value": "beta" }, { "type": "RegularExpression", "name": "x-b", "value": "a+b" }],
                            "queryParams": [{ "name": "q", "value": "1" }], "method": "GET" }],
              "filters": [{ "type": "RequestHeaderModifier",
                            "requestHeaderModifier": { "set": [{ "name": "x-from", "value": "mesh" }], "add": [], "remove": ["x-y"] } }],
              "backendRefs": [{ "name": "web-v2" }],
              "timeouts": { "request": "10s", "backendRequest": "2s" },
              "retry": { "attempts": 2, "codes": [502, 503], "backoff": "25ms" } },
            { "name": "split", "backendRefs": [{ "name": "web", "weight": 90 }, { "name": "web-v2", "namespace": "shop", "weight": 10 }] } ],
          "traffic": { "loadBalancer": { "type": "peakEwma" },
                       "outlierDetection": { "consecutiveFailures": 7, "minEjection": "1s", "maxEjection": "1m", "maxEjectedPercent": 50 },
                       "retryBudget": { "percent": 20, "minPerSecond": 10, "window": "10s" } } }
        """;
}
