using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Validation;

/// <summary>Who else is asked whether a request may come in.</summary>
internal static class ExternalAuthorizationValidator
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    public static void Validate(ExternalAuthorization external, JsonPath path, SpecErrors errors)
    {
        HttpUrl.Check(external.Url, path.Field("url"), errors);
        Bounds.CheckRange(external.Timeout, Shortest, Longest, path.Field("timeout"), errors);
        var headers = path.Field("responseHeaders");
        Bounds.CheckCount(external.ResponseHeaders.Count, SpecLimits.Headers, headers, errors);
        for (var i = 0; i < external.ResponseHeaders.Count && !errors.IsFull; i++)
        {
            if (HeaderRules.ExplainUnmodifiable(external.ResponseHeaders[i]) is { } problem)
            {
                errors.Add(headers.Item(i), problem);
            }
        }
    }
}
