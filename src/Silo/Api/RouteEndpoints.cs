using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Validation;
using Mesh.Abstractions.Writes;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;
using Mesh.Silo.Api.Writes;

namespace Mesh.Silo.Api;

/// <summary>The rules of a service, one by one. Their entity tag is the service's: rules act together.</summary>
internal static class RouteEndpoints
{
    private const string Path = "/v1/services/{namespace}/{name}/routes";
    private const string RulePath = Path + "/{rule}";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet(Path, List)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("List a service's rules", QueryNames.Watch)
            .Produces<ItemList<RouteRule>>();
        api.MapGet(RulePath, Get)
            .Needs(ApiRole.Viewer, ApiScope.Path)
            .Describe("Read a rule", QueryNames.Watch)
            .Produces<RouteRule>();
        api.MapPut(RulePath, Put)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Add a rule at the end or replace the rule of that name", QueryNames.DryRun)
            .TakesPreconditions()
            .Accepts<RouteRule>("application/json")
            .Produces<RouteRule>()
            .Produces<RouteRule>(StatusCodes.Status201Created);
        api.MapDelete(RulePath, Delete)
            .Needs(ApiRole.Editor, ApiScope.Path)
            .Describe("Delete a rule", QueryNames.DryRun)
            .TakesPreconditions()
            .Produces(StatusCodes.Status204NoContent);
    }

    private static Task<IResult> List(HttpContext context, ControlPlane controlPlane, ResourceReader reader)
    {
        var service = context.Request.Service();
        return reader.Answer(
            context,
            async () => await controlPlane.Service(service).Get() is { } view
                ? Representation.Of(new ItemList<RouteRule>(view.Spec.Routes), view.SpecRevision)
                : null,
            WatchScope.Of(service),
            Missing.Service(service));
    }

    private static Task<IResult> Get(HttpContext context, ControlPlane controlPlane, ResourceReader reader)
    {
        var service = context.Request.Service();
        var name = context.Request.Rule();
        return reader.Answer(
            context,
            async () => await controlPlane.Service(service).Get() is { } view
                && view.Spec.Routes.FirstOrDefault(rule => rule.Name == name) is { } rule
                    ? Representation.Of(rule, view.SpecRevision)
                    : null,
            WatchScope.Of(service),
            Missing.Rule(service, name));
    }

    private static async Task<IResult> Put(HttpContext context, ControlPlane controlPlane, SpecReview review, ServiceWriter writer)
    {
        var service = context.Request.Service();
        var name = context.Request.Rule();
        var rule = await SpecBody.ReadRule(context, name);
        await RefuseTooMany(controlPlane, service, name);
        var warnings = await review.Warn(service, rule);
        var result = await writer.Write(context, service, new PutRule(rule), Missing.Rule(service, name));
        return Written.Answer(context, Representation.Of(rule, result.ResourceRevision, warnings), result);
    }

    private static async Task<IResult> Delete(HttpContext context, ServiceWriter writer)
    {
        var service = context.Request.Service();
        var name = context.Request.Rule();
        await writer.Write(context, service, new DeleteRule(name), Missing.Rule(service, name));
        return TypedResults.NoContent();
    }

    private static async Task RefuseTooMany(ControlPlane controlPlane, ServiceName service, string name)
    {
        if (await controlPlane.Service(service).Get() is { Spec.Routes: { Count: >= SpecLimits.Rules } rules }
            && rules.All(rule => rule.Name != name))
        {
            throw ApiException.Invalid([new SpecError(JsonPath.Root.ToString(), $"the service has {rules.Count} rules already; at most {SpecLimits.Rules} are allowed")]);
        }
    }
}
