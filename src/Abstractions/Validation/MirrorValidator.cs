using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>Where copies of requests go, and of which share.</summary>
internal static class MirrorValidator
{
    private const int MaxDenominator = 1_000_000;

    public static void Validate(RequestMirror mirror, JsonPath path, SpecErrors errors)
    {
        var backend = path.Field("backendRef");
        ReservedNames.ValidateBackend(mirror.BackendRef.Name, backend.Field("name"), errors);
        if (mirror.BackendRef.Namespace is { } space && !DnsLabel.IsValid(space))
        {
            errors.Add(backend.Field("namespace"), $"is not a namespace: must be {DnsLabel.Rule}");
        }

        if (mirror.Percent is { } percent)
        {
            Bounds.CheckRange(percent, 0, 100, path.Field("percent"), errors);
        }

        if (mirror.Fraction is not { } fraction)
        {
            return;
        }

        if (mirror.Percent is not null)
        {
            errors.Add(path.Field("fraction"), "must not be given together with \"percent\"");
        }

        if (Bounds.CheckRange(fraction.Denominator, 1, MaxDenominator, path.Field("fraction").Field("denominator"), errors))
        {
            Bounds.CheckRange(fraction.Numerator, 0, fraction.Denominator, path.Field("fraction").Field("numerator"), errors);
        }
    }
}
