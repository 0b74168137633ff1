using System.Text.Json;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Validation;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Responses;

namespace Mesh.Silo.Api.Requests;

/// <summary>
/// Reads and validates the bodies of writes. What a read answered can be sent back: its read-only fields are skipped,
/// but names in it must be those of the path.
/// </summary>
internal static class SpecBody
{
    private static readonly StrictJsonRoot ServiceRoot = new() { Ignored = ServiceDocument.ReadOnlyFields };
    private static readonly StrictJsonRoot TrafficRoot = new() { Ignored = ["warnings"] };
    private static readonly StrictJsonRoot EndpointRoot = new() { Ignored = ["id", "region", "source", "revision", "drained"] };

    public static Task<ServiceSpec> ReadService(HttpContext context, ServiceName service) => Read<ServiceSpec>(
        context,
        ServiceRoot,
        (body, errors) =>
        {
            CheckName(body, PathNames.Namespace, service.Namespace, errors);
            CheckName(body, PathNames.Service, service.Name, errors);
        },
        (spec, path, errors) =>
        {
            SpecValidator.Validate(spec, path, errors);
            ReservedNames.Validate(service, spec, path, errors);
        });

    public static Task<NamespaceSettings> ReadNamespace(HttpContext context) =>
        Read<NamespaceSettings>(context, StrictJsonRoot.None, static (_, _) => { }, static (_, _, _) => { });

    public static Task<ExplainRequest> ReadExplain(HttpContext context) =>
        Read<ExplainRequest>(context, StrictJsonRoot.None, static (_, _) => { }, static (request, path, errors) => request.Validate(path, errors));

    public static Task<RouteRule> ReadRule(HttpContext context, string rule) => Read<RouteRule>(
        context,
        new StrictJsonRoot { Ignored = ["warnings"], Known = new Dictionary<string, string> { ["name"] = rule } },
        (body, errors) => CheckName(body, "name", rule, errors),
        SpecValidator.Validate);

    public static Task<TrafficPolicy> ReadTraffic(HttpContext context) =>
        Read<TrafficPolicy>(context, TrafficRoot, static (_, _) => { }, SpecValidator.Validate);

    public static Task<EndpointSpec> ReadEndpoint(HttpContext context, string id) => Read<EndpointSpec>(
        context,
        EndpointRoot,
        (body, errors) => CheckName(body, PathNames.Endpoint, id, errors),
        SpecValidator.Validate);

    public static Task<RollbackBody> ReadRollback(HttpContext context) => Read<RollbackBody>(
        context,
        StrictJsonRoot.None,
        static (_, _) => { },
        static (body, path, errors) =>
        {
            if (body.Revision < 1)
            {
                errors.Add(path.Field("revision"), "must be at least 1");
            }
        });

    public static Task<CertificateAsk> ReadCertificateAsk(HttpContext context) =>
        Read<CertificateAsk>(context, StrictJsonRoot.None, static (_, _) => { }, static (_, _, _) => { }, CertificateAsk.MaxBytes);

    public static Task<JoinTokenSpec> ReadJoinToken(HttpContext context) =>
        Read<JoinTokenSpec>(context, StrictJsonRoot.None, static (_, _) => { }, static (spec, path, errors) => spec.Validate(path, errors));

    public static Task<ApiTokenSpec> ReadApiToken(HttpContext context) =>
        Read<ApiTokenSpec>(context, StrictJsonRoot.None, static (_, _) => { }, static (spec, path, errors) => spec.Validate(path, errors));

    public static Task<RotationBody> ReadRotation(HttpContext context) => Read<RotationBody>(
        context,
        StrictJsonRoot.None,
        static (_, _) => { },
        static (body, path, errors) =>
        {
            if (body.After < RotationBody.Least || body.After > RotationBody.Most)
            {
                errors.Add(path.Field("after"), "must be from 10m to 720h");
            }
        });

    private static async Task<T> Read<T>(
        HttpContext context,
        StrictJsonRoot root,
        Action<JsonElement, SpecErrors> checkNames,
        Action<T, JsonPath, SpecErrors> validate,
        int limit = ApiLimits.Body)
        where T : class
    {
        var body = await RequestBody.ReadJson(context, limit);
        var errors = new SpecErrors();
        var spec = StrictJson.Read<T>(body, JsonPath.Root, errors, root);
        checkNames(body, errors);
        if (spec is not null)
        {
            validate(spec, JsonPath.Root, errors);
        }

        return errors.IsEmpty ? spec! : throw ApiException.Invalid(errors.Items);
    }

    private static void CheckName(JsonElement body, string field, string expected, SpecErrors errors)
    {
        if (body.ValueKind == JsonValueKind.Object
            && body.TryGetProperty(field, out var value)
            && !(value.ValueKind == JsonValueKind.String && value.ValueEquals(expected)))
        {
            errors.Add(JsonPath.Root.Field(field), $"must be \"{expected}\", as in the path, or be left out");
        }
    }
}
