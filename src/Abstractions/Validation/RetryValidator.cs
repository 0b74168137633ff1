using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>When requests are tried again.</summary>
internal static class RetryValidator
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromMinutes(1);

    public static void Validate(RetryPolicy retry, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(retry.Attempts, 1, 10, path.Field("attempts"), errors);
        var codes = path.Field("codes");
        Bounds.CheckCount(retry.Codes.Count, SpecLimits.RetryCodes, codes, errors);
        var seen = new HashSet<int>();
        for (var i = 0; i < retry.Codes.Count && !errors.IsFull; i++)
        {
            if (Bounds.CheckRange(retry.Codes[i], 400, 599, codes.Item(i), errors) && !seen.Add(retry.Codes[i]))
            {
                errors.Add(codes.Item(i), $"{retry.Codes[i]} is in the list already");
            }
        }

        if (retry.Backoff is { } backoff)
        {
            Bounds.CheckRange(backoff, TimeSpan.Zero, MaxBackoff, path.Field("backoff"), errors);
        }
    }
}
