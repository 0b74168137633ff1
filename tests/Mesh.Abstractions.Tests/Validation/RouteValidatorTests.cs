using System.Text;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Validation;

/// <summary>What rules may say of gRPC methods, callers, filters, subsets and sessions.</summary>
public class RouteValidatorTests
{
    [Theory]
    [InlineData("""{"grpc":{"service":"shop.Cart","method":"Add"}}""")]
    [InlineData("""{"grpc":{"service":"_x.Y_1"}}""")]
    [InlineData("""{"grpc":{"type":"RegularExpression","method":"Get.*"}}""")]
    [InlineData("""{"caller":{"identity":"spiffe://mesh.local/ns/shop/svc/web","namespace":"shop"}}""")]
    [InlineData("""{"caller":{"namespace":"shop"},"path":{"value":"/a"},"method":"GET"}""")]
    public void Accepts_a_match(string match) => Assert.Empty(Errors($$"""{"matches":[{{match}}]}"""));

    [Theory]
    [InlineData("""{"grpc":{}}""", ".grpc", "give \"service\" or \"method\"")]
    [InlineData("""{"grpc":{"service":""}}""", ".grpc.service", "must not be empty")]
    [InlineData("""{"grpc":{"service":"/shop.Cart"}}""", ".grpc.service", "full name of a gRPC service")]
    [InlineData("""{"grpc":{"service":"shop..Cart"}}""", ".grpc.service", "full name of a gRPC service")]
    [InlineData("""{"grpc":{"method":"shop.Add"}}""", ".grpc.method", "name of a gRPC method")]
    [InlineData("""{"grpc":{"type":"RegularExpression","service":"("}}""", ".grpc.service", "is not a regular expression")]
    [InlineData("""{"grpc":{"type":"RegularExpression","method":"(?=a)b"}}""", ".grpc.method", "look-arounds")]
    [InlineData("""{"grpc":{"service":"a"},"path":{"value":"/a"}}""", ".grpc", "must not be given together with")]
    [InlineData("""{"grpc":{"service":"a"},"method":"POST"}""", ".grpc", "must not be given together with")]
    [InlineData("""{"caller":{}}""", ".caller", "give \"identity\" or \"namespace\"")]
    [InlineData("""{"caller":{"identity":"web"}}""", ".caller.identity", "is not a SPIFFE ID")]
    [InlineData("""{"caller":{"identity":"spiffe://mesh.local"}}""", ".caller.identity", "is not a SPIFFE ID")]
    [InlineData("""{"caller":{"identity":"spiffe://mesh.local/"}}""", ".caller.identity", "is not a SPIFFE ID")]
    [InlineData("""{"caller":{"identity":"spiffe://Mesh.Local/a"}}""", ".caller.identity", "is not a SPIFFE ID")]
    [InlineData("""{"caller":{"identity":"spiffe://mesh.local/a/../b"}}""", ".caller.identity", "is not a SPIFFE ID")]
    [InlineData("""{"caller":{"identity":"spiffe://mesh.local/a b"}}""", ".caller.identity", "is not a SPIFFE ID")]
    [InlineData("""{"caller":{"namespace":"Shop"}}""", ".caller.namespace", "is not a namespace")]
    public void Refuses_in_a_match(string match, string path, string message) =>
        AssertOnly($$"""{"matches":[{},{{match}}]}""", ".matches[1]" + path, message);

    [Theory]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"scheme":"https","hostname":"a.example","port":8443,"path":{"type":"ReplaceFullPath","replaceFullPath":"/a b"},"statusCode":308}}""")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"path":{"type":"ReplacePrefixMatch","replacePrefixMatch":""}}}""")]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{"hostname":"a","path":{"type":"ReplacePrefixMatch","replacePrefixMatch":"/"}}}""")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b","namespace":"c"},"percent":0}}""")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b"},"fraction":{"numerator":1,"denominator":1000}}}""")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["https://a.example","http://b:8080","https://*.c.example","https://*","http://10.0.0.1"],"allowMethods":["GET","PUT"],"allowHeaders":["X-A"],"exposeHeaders":["*"],"maxAge":86400}}""")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["*"],"allowCredentials":true,"allowMethods":["*"],"allowHeaders":["*"]}}""")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{"delay":{"fixedDelay":"1h","percent":1},"abort":{"grpcStatus":16}}}""")]
    [InlineData("""{"type":"DirectResponse","directResponse":{"status":204}}""")]
    [InlineData("""{"type":"DirectResponse","directResponse":{"status":200,"body":"{}","contentType":"application/json"}}""")]
    public void Accepts_a_filter(string filter) => Assert.Empty(Errors($$"""{"filters":[{{filter}}]}"""));

    [Theory]
    [InlineData("""{"type":"RequestRedirect"}""", ".requestRedirect", "is required for a filter of type RequestRedirect")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{}}""", ".requestRedirect", "leads back")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"scheme":"ftp"}}""", ".requestRedirect.scheme", "\"http\" or \"https\"")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"hostname":"a.example:80"}}""", ".requestRedirect.hostname", "is not a DNS name")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"hostname":"A.example"}}""", ".requestRedirect.hostname", "lower case")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"hostname":"10.0.0.1"}}""", ".requestRedirect.hostname", "not an IP address")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"hostname":"*.example"}}""", ".requestRedirect.hostname", "wildcard")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"port":0}}""", ".requestRedirect.port", "from 1 to 65535")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"port":1,"statusCode":200}}""", ".requestRedirect.statusCode", "301, 302, 303, 307 or 308")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"path":{"type":"ReplaceFullPath"}}}""", ".requestRedirect.path.replaceFullPath", "is required for a path of type ReplaceFullPath")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"path":{"type":"ReplaceFullPath","replaceFullPath":"a"}}}""", ".requestRedirect.path.replaceFullPath", "start with '/'")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"path":{"type":"ReplaceFullPath","replaceFullPath":""}}}""", ".requestRedirect.path.replaceFullPath", "empty")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"path":{"type":"ReplaceFullPath","replaceFullPath":"/a","replacePrefixMatch":"/b"}}}""", ".requestRedirect.path.replacePrefixMatch", "does not belong to a path of type ReplaceFullPath")]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{}}""", ".urlRewrite", "changes nothing")]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{"hostname":""}}""", ".urlRewrite.hostname", "is not a DNS name")]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{"path":{"type":"ReplacePrefixMatch","replacePrefixMatch":"a"}}}""", ".urlRewrite.path.replacePrefixMatch", "start with '/'")]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{"path":{"type":"ReplacePrefixMatch","replacePrefixMatch":"/../a"}}}""", ".urlRewrite.path.replacePrefixMatch", "'..'")]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{"path":{"type":"ReplacePrefixMatch","replacePrefixMatch":"/a?b"}}}""", ".urlRewrite.path.replacePrefixMatch", "'?'")]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{"path":{"type":"ReplacePrefixMatch","replacePrefixMatch":"/%2e"}}}""", ".urlRewrite.path.replacePrefixMatch", "decoded")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"B"}}}""", ".requestMirror.backendRef.name", "is not a service's name")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"namespace-settings"}}}""", ".requestMirror.backendRef.name", "is no service")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b","namespace":""}}}""", ".requestMirror.backendRef.namespace", "is not a namespace")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b"},"percent":101}}""", ".requestMirror.percent", "from 0 to 100")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b"},"percent":1,"fraction":{"numerator":1}}}""", ".requestMirror.fraction", "together with \"percent\"")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b"},"fraction":{"numerator":101}}}""", ".requestMirror.fraction.numerator", "from 0 to 100")]
    [InlineData("""{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b"},"fraction":{"numerator":0,"denominator":0}}}""", ".requestMirror.fraction.denominator", "from 1 to 1000000")]
    [InlineData("""{"type":"CORS","cors":{}}""", ".cors.allowOrigins", "at least one origin")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["a.example"]}}""", ".cors.allowOrigins[0]", "is not an origin")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["https://a.example/"]}}""", ".cors.allowOrigins[0]", "is not an origin")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["ftp://a.example"]}}""", ".cors.allowOrigins[0]", "is not an origin")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["https://a.*.example"]}}""", ".cors.allowOrigins[0]", "is not an origin")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["https://*a.example"]}}""", ".cors.allowOrigins[0]", "is not an origin")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["https://a.example:0"]}}""", ".cors.allowOrigins[0]", "is not an origin")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["null"]}}""", ".cors.allowOrigins[0]", "is not an origin")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["https://a.example","*"]}}""", ".cors.allowOrigins[1]", "must stand alone")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["https://a.example","https://A.example"]}}""", ".cors.allowOrigins[1]", "already")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["*"],"allowMethods":["get"]}}""", ".cors.allowMethods[0]", "upper case")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["*"],"allowMethods":["GET","*"]}}""", ".cors.allowMethods[1]", "must stand alone")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["*"],"allowHeaders":["x y"]}}""", ".cors.allowHeaders[0]", "is not a header name")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["*"],"exposeHeaders":["X-A","x-a"]}}""", ".cors.exposeHeaders[1]", "already")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["*"],"maxAge":0}}""", ".cors.maxAge", "from 1 to 86400")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{}}""", ".faultInjection", "injects nothing")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{"delay":{"fixedDelay":"0s"}}}""", ".faultInjection.delay.fixedDelay", "from 1ms to 1h")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{"delay":{"fixedDelay":"1s","percent":101}}}""", ".faultInjection.delay.percent", "from 0 to 100")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{"abort":{}}}""", ".faultInjection.abort", "needs \"httpStatus\" or \"grpcStatus\"")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{"abort":{"httpStatus":500,"grpcStatus":1}}}""", ".faultInjection.abort.grpcStatus", "together with \"httpStatus\"")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{"abort":{"httpStatus":100}}}""", ".faultInjection.abort.httpStatus", "from 200 to 599")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{"abort":{"grpcStatus":0}}}""", ".faultInjection.abort.grpcStatus", "from 1 to 16")]
    [InlineData("""{"type":"FaultInjection","faultInjection":{"abort":{"grpcStatus":1,"percent":-1}}}""", ".faultInjection.abort.percent", "from 0 to 100")]
    [InlineData("""{"type":"DirectResponse","directResponse":{"status":199}}""", ".directResponse.status", "from 200 to 599")]
    [InlineData("""{"type":"DirectResponse","directResponse":{"status":204,"body":"x"}}""", ".directResponse.body", "has no body")]
    [InlineData("""{"type":"DirectResponse","directResponse":{"status":200,"contentType":"text"}}""", ".directResponse.contentType", "is not a media type")]
    [InlineData("""{"type":"DirectResponse","directResponse":{"status":200,"contentType":"text/plain\r\nx: y"}}""", ".directResponse.contentType", "line breaks")]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{"hostname":"a"},"cors":{"allowOrigins":["*"]}}""", ".cors", "does not belong to a filter of type URLRewrite")]
    public void Refuses_in_a_filter(string filter, string path, string message) =>
        AssertOnly($$"""{"filters":[{{filter}}]}""", ".filters[0]" + path, message);

    [Fact]
    public void Bounds_the_body_of_a_fixed_response() => AssertOnly(
        $$$"""{"filters":[{"type":"DirectResponse","directResponse":{"status":200,"body":"{{{new string('x', 4097)}}}"}}]}""",
        ".filters[0].directResponse.body",
        "at most 4096");

    [Theory]
    [InlineData("""{"type":"URLRewrite","urlRewrite":{"hostname":"a"}}""", """{"type":"RequestRedirect","requestRedirect":{"port":1}}""", ".filters[0].type", "no URL to rewrite")]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"port":1}}""", """{"type":"DirectResponse","directResponse":{"status":200}}""", ".filters[1].type", "not with both")]
    [InlineData("""{"type":"DirectResponse","directResponse":{"status":200}}""", """{"type":"URLRewrite","urlRewrite":{"hostname":"a"}}""", ".filters[1].type", "no URL to rewrite")]
    [InlineData("""{"type":"CORS","cors":{"allowOrigins":["*"]}}""", """{"type":"CORS","cors":{"allowOrigins":["*"]}}""", ".filters[1].type", "one CORS filter")]
    public void Refuses_filters_that_exclude_each_other(string first, string second, string path, string message) =>
        AssertOnly($$"""{"filters":[{{first}},{{second}}]}""", path, message);

    [Fact]
    public void Several_mirrors_are_fine()
    {
        const string Mirror = """{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"b"}}}""";
        Assert.Empty(Errors($$"""{"filters":[{{Mirror}},{{Mirror}}]}"""));
    }

    [Theory]
    [InlineData("""{"path":{"type":"Exact","value":"/a"}}""")]
    [InlineData("""{"path":{"type":"RegularExpression","value":"/a"}}""")]
    [InlineData("""{"grpc":{"service":"a"}}""")]
    public void A_prefix_can_be_replaced_only_where_every_match_has_one(string match)
    {
        const string Filter = """{"type":"URLRewrite","urlRewrite":{"path":{"type":"ReplacePrefixMatch","replacePrefixMatch":"/b"}}}""";
        AssertOnly($$$"""{"matches":[{"path":{"value":"/a"}},{{{match}}}],"filters":[{{{Filter}}}]}""", ".filters[0].urlRewrite.path.type", "match 1 has another");
        Assert.Empty(Errors($$$"""{"matches":[{"path":{"value":"/a"}},{"method":"GET"}],"filters":[{{{Filter}}}]}"""));
    }

    [Theory]
    [InlineData("""{"type":"RequestRedirect","requestRedirect":{"port":1}}""", "RequestRedirect")]
    [InlineData("""{"type":"DirectResponse","directResponse":{"status":200}}""", "DirectResponse")]
    public void A_rule_that_answers_has_no_backends(string filter, string name) =>
        AssertOnly($$"""{"filters":[{{filter}}],"backendRefs":[{"name":"b"}]}""", ".backendRefs", $"with a {name} filter");

    [Theory]
    [InlineData("""{"name":"b","filters":[{"type":"RequestRedirect","requestRedirect":{"port":1}}]}""", ".filters[0].type", "a backend cannot have a RequestRedirect filter")]
    [InlineData("""{"name":"b","filters":[{"type":"CORS","cors":{"allowOrigins":["*"]}}]}""", ".filters[0].type", "a backend cannot have a CORS filter")]
    [InlineData("""{"name":"b","filters":[{"type":"URLRewrite","urlRewrite":{}}]}""", ".filters[0].urlRewrite", "changes nothing")]
    [InlineData("""{"name":"b","labels":{"a b":"c"}}""", ".labels['a b']", "is not a label's name")]
    [InlineData("""{"name":"b","labels":{"a":"\n"}}""", ".labels.a", "control character")]
    public void Refuses_in_a_backend(string backend, string path, string message) =>
        AssertOnly($$"""{"backendRefs":[{{backend}}]}""", ".backendRefs[0]" + path, message);

    [Fact]
    public void A_service_may_be_there_once_with_the_same_labels()
    {
        Assert.Empty(Errors("""{"backendRefs":[{"name":"b","labels":{"v":"1"}},{"name":"b","labels":{"v":"2"}},{"name":"b"}]}"""));
        AssertOnly(
            """{"backendRefs":[{"name":"b","labels":{"v":"1","w":"2"}},{"name":"b","labels":{"w":"2","v":"1"}}]}""",
            ".backendRefs[1].name",
            "other \"labels\"");
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"type":"Cookie","absoluteTimeout":"1h","cookie":{"name":"s","path":"/a","lifetimeType":"Permanent"}}""")]
    [InlineData("""{"type":"Header","header":{"name":"x-s"}}""")]
    public void Accepts_a_session(string session) => Assert.Empty(Errors($$"""{"sessionPersistence":{{session}}}"""));

    [Theory]
    [InlineData("""{"cookie":{"name":"a b"}}""", ".cookie.name", "is not a cookie's name")]
    [InlineData("""{"cookie":{"name":""}}""", ".cookie.name", "is not a cookie's name")]
    [InlineData("""{"cookie":{"path":"a"}}""", ".cookie.path", "start with '/'")]
    [InlineData("""{"cookie":{"path":"/;x"}}""", ".cookie.path", "';'")]
    [InlineData("""{"cookie":{"lifetimeType":"Permanent"}}""", ".cookie.lifetimeType", "needs \"absoluteTimeout\"")]
    [InlineData("""{"header":{"name":"x"}}""", ".header", "type Header only")]
    [InlineData("""{"type":"Header","cookie":{}}""", ".cookie", "type Cookie only")]
    [InlineData("""{"type":"Header","header":{"name":"a:b"}}""", ".header.name", "is not a header name")]
    [InlineData("""{"type":"Header","header":{"name":"connection"}}""", ".header.name", "belongs to the connection")]
    [InlineData("""{"absoluteTimeout":"0s"}""", ".absoluteTimeout", "from 1s")]
    public void Refuses_in_a_session(string session, string path, string message) =>
        AssertOnly($$"""{"sessionPersistence":{{session}}}""", ".sessionPersistence" + path, message);

    [Fact]
    public void Refuses_the_record_of_a_namespace_as_a_backend() =>
        AssertOnly("""{"backendRefs":[{"name":"namespace-settings","namespace":"other"}]}""", ".backendRefs[0].name", "is no service");

    /// <param name="fields">Those of the only rule, as an object.</param>
    private static void AssertOnly(string fields, string path, string message)
    {
        var error = Assert.Single(Errors(fields));
        Assert.Equal("$.routes[0]" + path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<SpecError> Errors(string fields)
    {
        var json = $$"""{"routes":[{"name":"a",{{fields.TrimStart()[1..]}}]}""";
        Assert.True(StrictJson.TryParse(Encoding.UTF8.GetBytes(json), out var document, out var syntax), syntax?.ToString());
        var errors = new SpecErrors();
        if (StrictJson.Read<ServiceSpec>(document, JsonPath.Root, errors) is { } spec)
        {
            SpecValidator.Validate(spec, JsonPath.Root, errors);
        }

        return errors.Items;
    }
}
