using Mesh.Abstractions.Json;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Explain;

/// <summary>A request to imagine: how would a proxy decide it now?</summary>
public sealed record ExplainRequest
{
    public const int MaxHeaders = 100;

    /// <summary>What the application would ask for: <c>Host</c> or <c>:authority</c>.</summary>
    public required string Authority { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>Path and query, as they are sent.</summary>
    public string Path { get; init; } = "/";

    /// <summary>Headers; several values of one joined by commas.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The caller's IP address, for what looks at it; none when null.</summary>
    public string? Source { get; init; }

    /// <summary>At the management API: the id of the proxy to ask; when null, one that uses the service, or else any.</summary>
    public string? Proxy { get; init; }

    public void Validate(JsonPath path, SpecErrors errors)
    {
        if (Authority.Length is 0 or > 300)
        {
            errors.Add(path.Field("authority"), "must be what the application asks for, such as \"web\" or \"web.shop:80\"");
        }

        if (!HttpToken.IsValid(Method))
        {
            errors.Add(path.Field("method"), $"{Bounds.Quote(Method)} is not an HTTP method");
        }

        if (!Path.StartsWith('/') || Path.Length > 8192 || Path.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            errors.Add(path.Field("path"), "must be a path with its query as it is sent: a slash, then visible ASCII characters without '#'");
        }

        Bounds.CheckCount(Headers.Count, MaxHeaders, path.Field("headers"), errors);
        foreach (var (name, value) in Headers)
        {
            if ((HeaderRules.ExplainName(name) ?? HeaderRules.ExplainValue(value)) is { } problem)
            {
                errors.Add(path.Field("headers").Field(name), problem);
            }
        }

        if (Source is not null && !System.Net.IPAddress.TryParse(Source, out _))
        {
            errors.Add(path.Field("source"), $"{Bounds.Quote(Source)} is not an IP address");
        }
    }
}
