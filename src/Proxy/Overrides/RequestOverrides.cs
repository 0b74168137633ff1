using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Overrides;

/// <summary>
/// Where one request, and the requests it causes, go instead of where they were sent: the header <c>mesh-override</c>, such as
/// <c>web=web-v2, db/*=db-canary</c>, and what earlier hops put into the <c>baggage</c> (W3C Baggage). The last entry that
/// covers a service counts; those of the header come after those of the baggage.
/// </summary>
internal sealed class RequestOverrides
{
    public const string Header = "mesh-override";

    /// <summary>More is refused: every hop carries and reads them.</summary>
    public const int MaxEntries = 16;
    public const int MaxLength = 2048;

    private readonly List<OverrideEntry> _entries = [];

    private RequestOverrides()
    {
    }

    /// <param name="ownNamespace">The namespace of a name without one: the caller's.</param>
    /// <param name="overrides">Null when the request has none.</param>
    /// <returns>False when what it has is malformed.</returns>
    public static bool TryRead(IHeaderDictionary headers, string ownNamespace, out RequestOverrides? overrides)
    {
        overrides = null;
        var carried = BaggageMember.Read(headers.Baggage, Header);
        var hasHeader = headers.TryGetValue(Header, out var values);
        if (carried is null && !hasHeader)
        {
            return true;
        }

        overrides = new RequestOverrides();
        return (carried is null || overrides.TryAdd(carried, ownNamespace)) && (!hasHeader || overrides.TryAdd(values.ToString(), ownNamespace));
    }

    /// <returns>Null when the service stays.</returns>
    public ServiceName? Find(ServiceName service)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Covers(service))
            {
                return _entries[i].Target(service) is var target && target == service ? null : target;
            }
        }

        return null;
    }

    /// <summary>Each as <c>namespace/name=namespace/name</c>.</summary>
    public IEnumerable<string> Describe() => _entries.Select(static entry => entry.ToString());

    /// <summary>Puts them into the request's baggage, which applications hand on.</summary>
    public void Carry(IHeaderDictionary headers) =>
        headers.Baggage = BaggageMember.Write(headers.Baggage, Header, string.Join(',', _entries));

    private bool TryAdd(string text, string ownNamespace)
    {
        if (text.Length > MaxLength)
        {
            return false;
        }

        foreach (var range in text.AsSpan().Split(','))
        {
            if (_entries.Count == MaxEntries || !OverrideEntry.TryParse(text.AsSpan(range), ownNamespace, out var entry))
            {
                return false;
            }

            // Hops add up: what says the same again is carried once.
            _entries.Remove(entry);
            _entries.Add(entry);
        }

        return true;
    }
}
