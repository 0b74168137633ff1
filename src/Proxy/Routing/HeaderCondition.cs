using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Routing;

/// <summary>A compiled <see cref="HeaderMatch"/>. A repeated header is compared as one comma-joined value (RFC 9110, section 5.3).</summary>
internal sealed class HeaderCondition(HeaderMatch match)
{
    private readonly string _name = match.Name;
    private readonly ValuePattern _pattern = ValuePattern.Create(match.Type, match.Value);

    public bool Matches(IHeaderDictionary headers) =>
        headers.TryGetValue(_name, out var values) && _pattern.Matches(values.ToString());
}
