using Mesh.Abstractions.Access;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>
/// Finds everything in a spec that would not work. Pure: whether other services exist is not asked here. Places are
/// given relative to <c>path</c>.
/// </summary>
public static class SpecValidator
{
    public static void Validate(ServiceSpec spec, JsonPath path, SpecErrors errors)
    {
        AddressingValidator.Validate(spec, path, errors);
        RouteListValidator.Validate(spec.Routes, path.Field("routes"), errors);
        TrafficValidator.Validate(spec.Traffic, path.Field("traffic"), errors);
        ProtocolValidator.Validate(spec, path, errors);
        if (spec.Access is { } access)
        {
            Validate(access, path.Field("access"), errors);
        }
    }

    public static void Validate(RouteRule rule, JsonPath path, SpecErrors errors) =>
        RouteValidator.Validate(rule, path, errors, new PatternBudget());

    public static void Validate(TrafficPolicy traffic, JsonPath path, SpecErrors errors) =>
        TrafficValidator.Validate(traffic, path, errors);

    /// <summary>All that one rule can break alone; what it needs of the rest of the policy is not asked here.</summary>
    public static void Validate(AccessRule rule, JsonPath path, SpecErrors errors) =>
        AccessValidator.Validate(rule, path, errors, new PatternBudget());

    /// <summary>A policy without its service.</summary>
    public static void Validate(AccessPolicy access, JsonPath path, SpecErrors errors) =>
        AccessValidator.Validate(access, path, errors, new PatternBudget());

    public static void Validate(EndpointSpec endpoint, JsonPath path, SpecErrors errors) =>
        EndpointValidator.Validate(endpoint, path, errors);

    /// <summary>All that is wrong with a spec that is not a document of its own; empty when nothing is.</summary>
    public static IReadOnlyList<SpecError> Check(ServiceSpec spec)
    {
        var errors = new SpecErrors();
        Validate(spec, JsonPath.Root, errors);
        return errors.Items;
    }

    /// <inheritdoc cref="Check(ServiceSpec)"/>
    public static IReadOnlyList<SpecError> Check(EndpointSpec endpoint)
    {
        var errors = new SpecErrors();
        Validate(endpoint, JsonPath.Root, errors);
        return errors.Items;
    }
}
