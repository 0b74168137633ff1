using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>Delays and errors for a share of the requests.</summary>
internal static class FaultValidator
{
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    public static void Validate(FaultInjection fault, JsonPath path, SpecErrors errors)
    {
        if (fault is { Delay: null, Abort: null })
        {
            errors.Add(path, "injects nothing: give \"delay\" or \"abort\"");
        }

        if (fault.Delay is { } delay)
        {
            Bounds.CheckRange(delay.FixedDelay, ShortestDelay, LongestDelay, path.Field("delay").Field("fixedDelay"), errors);
            Bounds.CheckRange(delay.Percent, 0, 100, path.Field("delay").Field("percent"), errors);
        }

        if (fault.Abort is { } abort)
        {
            Validate(abort, path.Field("abort"), errors);
        }
    }

    private static void Validate(FaultAbort abort, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(abort.Percent, 0, 100, path.Field("percent"), errors);
        switch (abort)
        {
            case { HttpStatus: null, GrpcStatus: null }:
                errors.Add(path, "needs \"httpStatus\" or \"grpcStatus\"");
                break;
            case { HttpStatus: not null, GrpcStatus: not null }:
                errors.Add(path.Field("grpcStatus"), "must not be given together with \"httpStatus\"");
                break;
            case { HttpStatus: { } status }:
                Bounds.CheckRange(status, 200, 599, path.Field("httpStatus"), errors);
                break;
            case { GrpcStatus: { } status }:
                Bounds.CheckRange(status, 1, 16, path.Field("grpcStatus"), errors);
                break;
        }
    }
}
