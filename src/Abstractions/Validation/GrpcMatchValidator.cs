using System.Text.RegularExpressions;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>A gRPC service and method to match (Gateway API, <c>GRPCMethodMatch</c>).</summary>
internal static partial class GrpcMatchValidator
{
    public static void Validate(GrpcMethodMatch grpc, JsonPath path, SpecErrors errors, PatternBudget patterns)
    {
        if (grpc is { Service: null, Method: null })
        {
            errors.Add(path, "matches nothing in particular: give \"service\" or \"method\"");
        }

        Check(grpc.Service, ServiceForm(), "the full name of a gRPC service, such as \"shop.Cart\"", path.Field("service"));
        Check(grpc.Method, MethodForm(), "the name of a gRPC method, such as \"AddItem\"", path.Field("method"));

        void Check(string? value, Regex form, string what, JsonPath place)
        {
            if (value is null)
            {
                return;
            }

            if (grpc.Type == ValueMatchType.RegularExpression)
            {
                patterns.Check(value, place, errors);
            }
            else if (Bounds.CheckLength(value, SpecLimits.PathLength, place, errors) && !form.IsMatch(value))
            {
                errors.Add(place, $"{Bounds.Quote(value)} is not {what}");
            }
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z_0-9]*(\.[A-Za-z_][A-Za-z_0-9]*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceForm();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z_0-9]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex MethodForm();
}
