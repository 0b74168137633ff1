using System.Net.Http.Headers;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>A fixed answer.</summary>
internal static class DirectResponseValidator
{
    public static void Validate(DirectResponse response, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(response.Status, 200, 599, path.Field("status"), errors);
        if (response.Body is { } body)
        {
            if (body.Length > SpecLimits.DirectBodyLength)
            {
                errors.Add(path.Field("body"), $"has {body.Length} characters; at most {SpecLimits.DirectBodyLength} are allowed");
            }

            if (body.Length > 0 && response.Status is 204 or 205 or 304)
            {
                errors.Add(path.Field("body"), $"an answer with status {response.Status} has no body");
            }
        }

        if (HeaderRules.ExplainValue(response.ContentType) is { } problem)
        {
            errors.Add(path.Field("contentType"), problem);
        }
        else if (!MediaTypeHeaderValue.TryParse(response.ContentType, out _))
        {
            errors.Add(path.Field("contentType"), $"{Bounds.Quote(response.ContentType)} is not a media type, such as \"text/plain; charset=utf-8\"");
        }
    }
}
