using System.Collections.Frozen;
using Mesh.Abstractions.Access;

namespace Mesh.Proxy.Access;

/// <summary>
/// Rules of one action, found by who calls. Each is listed under the narrowest thing it says of its callers, so that
/// rules which name others cost a request nothing, however many there are.
/// </summary>
internal sealed class AccessIndex
{
    private readonly FrozenDictionary<string, AccessRuleModel[]> _byIdentity;
    private readonly FrozenDictionary<string, AccessRuleModel[]> _byNamespace;
    private readonly FrozenDictionary<KeyValuePair<string, string>, AccessRuleModel[]> _byClaim;
    private readonly AddressIndex _byAddress;
    private readonly AccessRuleModel[] _others;

    public AccessIndex(IEnumerable<AccessRule> rules)
    {
        var identities = new List<(string, AccessRuleModel)>();
        var namespaces = new List<(string, AccessRuleModel)>();
        var claims = new List<(KeyValuePair<string, string>, AccessRuleModel)>();
        var addresses = new List<AccessRuleModel>();
        var others = new List<AccessRuleModel>();
        foreach (var rule in rules)
        {
            var model = new AccessRuleModel(rule);
            switch (rule.From)
            {
                case { Identities.Count: > 0 } from:
                    identities.AddRange(from.Identities.Select(identity => (identity, model)));
                    break;
                case { Namespaces.Count: > 0 } from:
                    namespaces.AddRange(from.Namespaces.Select(space => (space, model)));
                    break;
                case { Claims.Count: > 0 } from when from.Claims.FirstOrDefault(static claim => claim.Values.Count > 0) is { } claim:
                    claims.AddRange(claim.Values.Select(value => (KeyValuePair.Create(claim.Name, value), model)));
                    break;
                case { Addresses.Count: > 0 }:
                    addresses.Add(model);
                    break;
                default:
                    others.Add(model);
                    break;
            }
        }

        _byIdentity = Group(identities, StringComparer.Ordinal);
        _byNamespace = Group(namespaces, StringComparer.Ordinal);
        _byClaim = Group(claims, EqualityComparer<KeyValuePair<string, string>>.Default);
        _byAddress = new AddressIndex(addresses);
        _others = [.. others];
        IsEmpty = identities.Count + namespaces.Count + claims.Count + addresses.Count + others.Count == 0;
    }

    public bool IsEmpty { get; }

    /// <returns>A rule that matches; null when none does.</returns>
    public AccessRule? Find(in AccessRequest request) => IsEmpty ? null : FindModel(request)?.Rule;

    public static AccessRuleModel? FirstOf(AccessRuleModel[] rules, in AccessRequest request)
    {
        foreach (var rule in rules)
        {
            if (rule.Matches(request))
            {
                return rule;
            }
        }

        return null;
    }

    private AccessRuleModel? FindModel(in AccessRequest request)
    {
        if (request.Peer is { } peer)
        {
            if (_byIdentity.TryGetValue(peer.Identity, out var named) && FirstOf(named, request) is { } byIdentity)
            {
                return byIdentity;
            }

            if (peer.Namespace is { } space && _byNamespace.TryGetValue(space, out named) && FirstOf(named, request) is { } byNamespace)
            {
                return byNamespace;
            }
        }

        return FindByClaim(request) ?? _byAddress.Find(request) ?? FirstOf(_others, request);
    }

    private AccessRuleModel? FindByClaim(in AccessRequest request)
    {
        if (_byClaim.Count == 0 || request.Token is not { Claims: var claims })
        {
            return null;
        }

        for (var i = 0; i < claims.Count; i++)
        {
            if (_byClaim.TryGetValue(claims[i], out var named) && FirstOf(named, request) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static FrozenDictionary<TKey, AccessRuleModel[]> Group<TKey>(List<(TKey Key, AccessRuleModel Rule)> entries, IEqualityComparer<TKey> comparer)
        where TKey : notnull => entries
            .GroupBy(static entry => entry.Key, comparer)
            .ToFrozenDictionary(static group => group.Key, static group => group.Select(static entry => entry.Rule).Distinct().ToArray(), comparer);
}
