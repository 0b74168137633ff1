namespace Mesh.Benchmarks.Fuzz;

/// <summary>Every write of the management API, with valid bodies that use every field there is.</summary>
internal static class WriteTargets
{
    private const string Service = "/v1/services/fuzz/web";
    private const string Json = "application/json";

    private const string Rule =
        """
        { "name": "beta",
          "matches": [{ "path": { "type": "PathPrefix", "value": "/api" }, "method": "GET",
                        "headers": [{ "type": "Exact", "name": "x-group", "value": "beta" },
                                    { "type": "RegularExpression", "name": "x-user", "value": "[a-z]+[0-9]*" }],
                        "queryParams": [{ "name": "debug", "value": "1" }] },
                      { "path": { "type": "RegularExpression", "value": "/v[0-9]+/items" } },
                      { "grpc": { "service": "shop.Cart", "method": "Add" },
                        "caller": { "identity": "spiffe://mesh.local/ns/shop/svc/web", "namespace": "shop" } }],
          "filters": [{ "type": "RequestHeaderModifier",
                        "requestHeaderModifier": { "set": [{ "name": "x-from", "value": "mesh" }],
                                                   "add": [{ "name": "x-hop", "value": "1" }], "remove": ["x-secret"] } },
                      { "type": "ResponseHeaderModifier", "responseHeaderModifier": { "remove": ["server"] } },
                      { "type": "URLRewrite", "urlRewrite": { "hostname": "inner.example", "path": { "type": "ReplaceFullPath", "replaceFullPath": "/v2" } } },
                      { "type": "RequestMirror", "requestMirror": { "backendRef": { "name": "shadow", "namespace": "fuzz" }, "fraction": { "numerator": 1, "denominator": 1000 } } },
                      { "type": "CORS", "cors": { "allowOrigins": ["https://*.shop.example"], "allowCredentials": true, "allowMethods": ["PUT"],
                                                  "allowHeaders": ["x-a"], "exposeHeaders": ["x-b"], "maxAge": 60 } },
                      { "type": "FaultInjection", "faultInjection": { "delay": { "fixedDelay": "1s", "percent": 1 }, "abort": { "httpStatus": 503, "percent": 1 } } }],
          "backendRefs": [{ "name": "web", "weight": 90, "labels": { "version": "1" } },
                          { "name": "web-v2", "namespace": "fuzz", "weight": 10,
                            "filters": [{ "type": "RequestHeaderModifier", "requestHeaderModifier": { "remove": ["x-b"] } }] }],
          "sessionPersistence": { "type": "Cookie", "absoluteTimeout": "1h", "cookie": { "name": "s", "path": "/", "lifetimeType": "Permanent" } },
          "timeouts": { "request": "10s", "backendRequest": "2s", "idle": "5m" },
          "retry": { "attempts": 2, "codes": [502, 503], "backoff": "25ms", "nonIdempotent": true },
          "hedge": { "delay": "50ms" },
          "rateLimit": { "requests": 10, "per": "1m", "burst": 5, "perCaller": { "header": "x-user" } } }
        """;

    private const string Traffic =
        """
        { "loadBalancer": { "type": "ringHash", "hash": { "header": "x-user" }, "slowStart": { "window": "30s", "minPercent": 10 } },
          "outlierDetection": { "consecutiveFailures": 7, "consecutiveGatewayErrors": 5, "minEjection": "1s", "maxEjection": "1m", "maxEjectedPercent": 50,
                                "successRate": { "percent": 80, "window": "30s", "minRequests": 20 } },
          "locality": { "enabled": true, "overprovisioningPercent": 140, "panicThresholdPercent": 50 },
          "healthCheck": { "type": "http", "path": "/healthz", "interval": "10s", "timeout": "1s", "unhealthyThreshold": 3, "healthyThreshold": 2 },
          "retryBudget": { "percent": 20, "minPerSecond": 10, "window": "10s" },
          "tls": { "serverName": "api.example", "subjectAltNames": ["spiffe://a/b"], "minVersion": "1.3" },
          "limits": { "concurrent": 100, "concurrentPerEndpoint": 10, "pending": 50, "pendingTimeout": "500ms" },
          "rateLimit": { "requests": 1000, "per": "1s", "burst": 200 },
          "connections": { "maxPerEndpoint": 64, "connectTimeout": "1s", "idleTimeout": "30s", "lifetime": "10m" } }
        """;

    private const string Access =
        """
        { "default": "authenticated", "audit": false,
          "rules": [{ "name": "shop", "action": "allow", "from": { "identities": ["spiffe://mesh.local/ns/shop/svc/web"], "namespaces": ["shop"],
                      "addresses": ["10.0.0.0/8", "::1"], "claims": [{ "name": "groups", "values": ["admins"] }] },
                      "to": { "methods": ["GET"], "paths": [{ "value": "/api" }, { "type": "RegularExpression", "value": "/v[0-9]+" }] } },
                    { "name": "all", "action": "deny", "audit": true }],
          "jwt": [{ "issuer": "https://issuer.example", "jwks": "https://issuer.example/keys", "audiences": ["web"] }],
          "external": { "url": "http://authz.example/check", "timeout": "1s", "failOpen": true, "responseHeaders": ["x-user"] } }
        """;

    private const string Endpoint =
        """{ "host": "10.0.0.7", "port": 8080, "protocol": "http2", "zone": "a", "weight": 1, "labels": { "version": "1" }, "state": "Ready" }""";

    private const string Spec =
        $$"""{ "hosts": ["web.example"], "ports": [80, 8080], "protocol": "http", "routes": [{{Rule}}], "traffic": {{Traffic}}, "mtls": "Permissive", "access": {{Access}} }""";

    public static IReadOnlyList<WriteTarget> All { get; } =
    [
        new(HttpMethod.Put, Service, Json, Spec),
        new(HttpMethod.Put, $"{Service}/routes/beta", Json, Rule),
        new(HttpMethod.Put, $"{Service}/traffic", Json, Traffic),
        new(HttpMethod.Put, $"{Service}/endpoints/web-1", Json, Endpoint),
        new(HttpMethod.Post, $"{Service}/endpoints/web-1/drain", Json, ""),
        new(HttpMethod.Post, $"{Service}/rollback", Json, """{ "revision": 1 }"""),
        new(HttpMethod.Post, "/v1/apply", Json, $$"""[{ "namespace": "fuzz", "name": "web", "spec": {{Spec}} }]"""),
        new(HttpMethod.Post, "/v1/apply", "application/yaml", "namespace: fuzz\nname: web\nprotocol: http\nhosts:\n- web.example\nroutes:\n- name: beta\n  backendRefs:\n  - name: web\n    weight: 90\n"),
        new(HttpMethod.Delete, $"{Service}/routes/none", Json, ""),
        new(HttpMethod.Delete, $"{Service}/endpoints/none", Json, ""),
    ];

    /// <summary>What puts the fuzzed service back after a mutation was accepted.</summary>
    public static IReadOnlyList<WriteTarget> Restoration => [All[0], All[3]];
}
