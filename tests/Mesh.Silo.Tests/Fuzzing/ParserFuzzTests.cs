using System.Text;
using System.Text.Json;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Documents;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Testing.Fuzzing;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Mesh.Silo.Tests.Fuzzing;

/// <summary>Everything of the silo that reads what users of the management API send.</summary>
public class ParserFuzzTests
{
    private const string Yaml =
        """
        # two documents
        services:
          - { namespace: shop, name: web, spec: { hosts: ["a.example"], ports: [80, 0x50] } }
          - namespace: 'shop'
            name: "api"
            spec:
              routes: [{ name: x, timeouts: { request: 1s } }]
        ---
        a: |
          text
        b: >-
          more
        """;

    private static readonly FuzzTarget[] Targets =
    [
        FuzzTarget.Text("YAML", [Yaml, "a: 1", "- x\n- ~\n- 0o17\n- -1.50e3", "- \"\": 1"], static text =>
        {
            if (!YamlReader.TryParse(Encoding.UTF8.GetBytes(text), out var documents, out var error))
            {
                Assert.True(error.Line >= 1);
                return false;
            }

            foreach (var document in documents)
            {
                var written = YamlWriter.Write(document);
                Assert.True(YamlReader.TryParse(Encoding.UTF8.GetBytes(written), out var again, out _), written);
                Assert.Equal(Compact(document), Compact(Assert.Single(again)));
            }

            return true;
        }) with { MaxTime = TimeSpan.FromSeconds(1), MaxBytes = 4 << 20, MaxBytesPerByte = 4 << 10 },
        FuzzTarget.Text("numbers of YAML", ["1", "-1.5", "0x1F", "0o17", "1e5", ".5", "+3."], static text =>
        {
            if (YamlCoreSchema.ToJson(text) is not { } json)
            {
                return false;
            }

            using var document = JsonDocument.Parse(json);
            return true;
        }),
        FuzzTarget.Text("conditions of requests", ["\"1\"", "*", "W/\"1\", \"2\"", "\"9223372036854775807\""], static text =>
        {
            var request = new DefaultHttpContext().Request;
            request.Headers.IfMatch = text;
            try
            {
                _ = Preconditions.Of(request);
                return true;
            }
            catch (ApiException)
            {
                return false;
            }
        }) with { MaxBytesPerByte = 512 },
        FuzzTarget.Text("what a reader has", ["\"1\"", "*", "W/\"1\", \"2\""], static text =>
        {
            var request = new DefaultHttpContext().Request;
            request.Headers.IfNoneMatch = text;
            try
            {
                _ = Preconditions.IsNotModified(request, "\"7\"");
                return true;
            }
            catch (ApiException)
            {
                return false;
            }
        }) with { MaxBytesPerByte = 512 },
        FuzzTarget.Text("types of bodies", ["application/json", "application/merge+json; charset=\"utf-8\""], static text =>
        {
            var request = new DefaultHttpContext().Request;
            request.ContentType = text;
            try
            {
                return RequestBody.RequireType(request, RequestBody.IsJson, "application/json") is MediaTypeHeaderValue;
            }
            catch (ApiException)
            {
                return false;
            }
        }) with { MaxBytesPerByte = 512 },
        FuzzTarget.Text("roles", ["admin", "editor:shop", "viewer:*"], static text => JwtAuthenticator.ParseRole(text) is not null),
        FuzzTarget.Text("revisions", ["1", "9223372036854775807"], static text =>
        {
            var isAccepted = PathNames.TryReadRevision(text, out var revision);
            Assert.True(!isAccepted || revision > 0);
            return isAccepted;
        }),
    ];

    public static TheoryData<string> Names => [.. Targets.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_gets_a_parser_to_fail(string name) => Assert.True(Fuzz.Run(Targets.Single(target => target.Name == name)) > 0);

    private static string Compact(JsonElement document) => JsonSerializer.Serialize(document);
}
