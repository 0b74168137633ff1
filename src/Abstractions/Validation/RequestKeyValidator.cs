using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>What tells clients apart: exactly one part of a request.</summary>
internal static class RequestKeyValidator
{
    public static void Validate(RequestKey key, JsonPath path, SpecErrors errors)
    {
        var members = (key.Header is null ? 0 : 1) + (key.Cookie is null ? 0 : 1) + (key.SourceAddress ? 1 : 0);
        if (members != 1)
        {
            errors.Add(path, "must have exactly one of \"header\", \"cookie\" and \"sourceAddress\": true");
        }

        if (key.Header is { } header && HeaderRules.ExplainName(header) is { } problem)
        {
            errors.Add(path.Field("header"), problem);
        }

        if (key.Cookie is { } cookie && !HttpToken.IsValid(cookie))
        {
            errors.Add(path.Field("cookie"), $"{Bounds.Quote(cookie)} is not a cookie's name (RFC 6265, section 4.1.1)");
        }
    }
}
