using System.Collections.Frozen;
using System.Net.Http.Headers;
using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Routing;

/// <summary>The compiled <see cref="HeaderModifier"/>s of a rule, done in their order, each set, add, remove.</summary>
internal sealed class HeaderChanges
{
    /// <summary>Headers that belong to one connection or frame the message (RFC 9110, section 7.6.1): the proxy's own business.</summary>
    private static readonly FrozenSet<string> Untouchable = new[]
    {
        "connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly Change[] _changes;

    private HeaderChanges(Change[] changes) => _changes = changes;

    private enum Verb
    {
        Set,
        Add,
        Remove,
    }

    /// <returns>Null when there is nothing to change.</returns>
    /// <exception cref="ArgumentException">A header's name is not one, or is one that no rule may change.</exception>
    public static HeaderChanges? Create(IEnumerable<HeaderModifier> modifiers)
    {
        var changes = new List<Change>();
        foreach (var modifier in modifiers)
        {
            changes.AddRange(modifier.Set.Select(static header => Compile(Verb.Set, header.Name, header.Value)));
            changes.AddRange(modifier.Add.Select(static header => Compile(Verb.Add, header.Name, header.Value)));
            changes.AddRange(modifier.Remove.Select(static name => Compile(Verb.Remove, name, "")));
        }

        return changes.Count == 0 ? null : new HeaderChanges([.. changes]);
    }

    public void Apply(HttpRequestMessage request)
    {
        foreach (var change in _changes)
        {
            HttpHeaders? headers = change.IsContentHeader ? request.Content?.Headers : request.Headers;
            if (change.Verb != Verb.Add)
            {
                headers?.Remove(change.Name);
            }

            if (change.Verb != Verb.Remove)
            {
                headers?.TryAddWithoutValidation(change.Name, change.Value);
            }
        }
    }

    public void Apply(IHeaderDictionary headers)
    {
        foreach (var change in _changes)
        {
            switch (change.Verb)
            {
                case Verb.Set:
                    headers[change.Name] = change.Value;
                    break;
                case Verb.Add:
                    headers.Append(change.Name, change.Value);
                    break;
                default:
                    headers.Remove(change.Name);
                    break;
            }
        }
    }

    private static Change Compile(Verb verb, string name, string value)
    {
        if (Untouchable.Contains(name))
        {
            throw new ArgumentException($"the header '{name}' belongs to the connection; no rule may change it");
        }

        // HttpClient keeps the headers that describe a body apart, and throws when asked for them in the wrong place.
        using var request = new HttpRequestMessage { Content = new ByteArrayContent([]) };
        var isRequestHeader = request.Headers.TryAddWithoutValidation(name, value);
        if (!isRequestHeader && !request.Content.Headers.TryAddWithoutValidation(name, value))
        {
            throw new ArgumentException($"'{name}' is not the name of a header");
        }

        return new Change(verb, name, value, !isRequestHeader);
    }

    private readonly record struct Change(Verb Verb, string Name, string Value, bool IsContentHeader);
}
