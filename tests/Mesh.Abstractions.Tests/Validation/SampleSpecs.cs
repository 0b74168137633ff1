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
              "timeouts": { "request": "10s", "backendRequest": "2s", "idle": "5m" },
              "retry": { "attempts": 2, "codes": [502, 503], "backoff": "25ms", "nonIdempotent": true },
              "hedge": { "delay": "50ms" },
              "rateLimit": { "requests": 10, "per": "1m", "burst": 5, "perCaller": { "header": "x-user" } } },
            { "name": "split",
              "filters": [{ "type": "URLRewrite", "urlRewrite": { "hostname": "inner.example", "path": { "type": "ReplacePrefixMatch", "replacePrefixMatch": "/v2" } } },
                          { "type": "RequestMirror", "requestMirror": { "backendRef": { "name": "shadow", "namespace": "shop" }, "fraction": { "numerator": 1, "denominator": 1000 } } },
                          { "type": "CORS", "cors": { "allowOrigins": ["https://*.shop.example"], "allowCredentials": true, "allowMethods": ["PUT"],
                                                      "allowHeaders": ["x-a"], "exposeHeaders": ["x-b"], "maxAge": 60 } },
                          { "type": "FaultInjection", "faultInjection": { "delay": { "fixedDelay": "1s", "percent": 1 }, "abort": { "httpStatus": 503, "percent": 1 } } }],
              "backendRefs": [{ "name": "web", "weight": 90, "labels": { "version": "1" } },
                              { "name": "web-v2", "namespace": "shop", "weight": 10,
                                "filters": [{ "type": "ResponseHeaderModifier", "responseHeaderModifier": { "add": [{ "name": "x-v", "value": "2" }] } }] }],
              "sessionPersistence": { "type": "Cookie", "absoluteTimeout": "1h", "cookie": { "name": "s", "path": "/", "lifetimeType": "Permanent" } } },
            { "name": "moved", "matches": [{ "grpc": { "service": "shop.Cart", "method": "Add" }, "caller": { "identity": "spiffe://mesh.local/ns/shop/svc/web", "namespace": "shop" } }],
              "filters": [{ "type": "RequestRedirect", "requestRedirect": { "scheme": "https", "hostname": "shop.example", "port": 8443, "statusCode": 308,
                                                                            "path": { "type": "ReplaceFullPath", "replaceFullPath": "/new" } } }] },
            { "name": "closed", "filters": [{ "type": "DirectResponse", "directResponse": { "status": 503, "body": "closed", "contentType": "text/plain" } }] } ],
          "traffic": { "loadBalancer": { "type": "peakEwma", "slowStart": { "window": "30s", "minPercent": 10 } },
                       "outlierDetection": { "consecutiveFailures": 7, "consecutiveGatewayErrors": 5, "minEjection": "1s", "maxEjection": "1m",
                                             "maxEjectedPercent": 50, "successRate": { "percent": 80, "window": "30s", "minRequests": 20 } },
                       "locality": { "enabled": true, "overprovisioningPercent": 140, "panicThresholdPercent": 50 },
                       "healthCheck": { "type": "grpc", "grpcService": "shop.Web", "interval": "10s", "timeout": "1s" },
                       "retryBudget": { "percent": 20, "minPerSecond": 10, "window": "10s" },
                       "limits": { "concurrent": 100, "concurrentPerEndpoint": 10, "pending": 50, "pendingTimeout": "500ms" },
                       "rateLimit": { "requests": 1000, "per": "1s", "burst": 200 },
                       "connections": { "maxPerEndpoint": 64, "connectTimeout": "1s", "idleTimeout": "30s", "lifetime": "10m" } } }
        """;
}
