using Mesh.Abstractions.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace Mesh.Proxy.Routing;

/// <summary>A compiled <see cref="QueryParamMatch"/>. Of a repeated parameter the first one counts.</summary>
internal sealed class QueryCondition(QueryParamMatch match)
{
    private readonly string _name = match.Name;
    private readonly ValuePattern _pattern = ValuePattern.Create(match.Type, match.Value);

    public bool Matches(string query)
    {
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (pair.DecodeName().Span.SequenceEqual(_name))
            {
                return _pattern.Matches(pair.DecodeValue().Span);
            }
        }

        return false;
    }
}
