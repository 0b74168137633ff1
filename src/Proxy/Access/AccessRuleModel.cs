using System.Collections.Frozen;
using System.Net;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Access;

/// <summary>A compiled <see cref="AccessRule"/>.</summary>
internal sealed class AccessRuleModel
{
    private readonly FrozenSet<string>? _identities;
    private readonly FrozenSet<string>? _namespaces;
    private readonly IPNetwork[]? _networks;
    private readonly string[]? _methods;
    private readonly PathCondition[]? _paths;

    /// <exception cref="ArgumentException">An address or a pattern is none.</exception>
    /// <exception cref="NotSupportedException">A pattern needs backtracking.</exception>
    public AccessRuleModel(AccessRule rule)
    {
        Rule = rule;
        var from = rule.From ?? new AccessSource();
        _identities = from.Identities.Count == 0 ? null : from.Identities.ToFrozenSet(StringComparer.Ordinal);
        _namespaces = from.Namespaces.Count == 0 ? null : from.Namespaces.ToFrozenSet(StringComparer.Ordinal);
        _networks = from.Addresses.Count == 0 ? null : [.. from.Addresses.Select(Parse)];
        _methods = rule.To is not { Methods.Count: > 0 } ? null : [.. rule.To.Methods];
        _paths = rule.To is not { Paths.Count: > 0 } ? null : [.. rule.To.Paths.Select(PathCondition.Create)];
    }

    public AccessRule Rule { get; }

    public IReadOnlyList<IPNetwork> Networks => _networks ?? [];

    public bool Matches(in AccessRequest request) => MatchesTarget(request) && MatchesSource(request);

    private static IPNetwork Parse(string text) => AddressRange.TryParse(text, out var network)
        ? network
        : throw new ArgumentException($"'{text}' is not {AddressRange.Rule}");

    private bool MatchesTarget(in AccessRequest request)
    {
        if (_methods is not null && (request.Method is not { } method || Array.IndexOf(_methods, method) < 0))
        {
            return false;
        }

        return _paths is null || (request.Path is { } path && MatchesPath(path, request.OtherPaths));
    }

    /// <summary>What may be read in several ways is refused if one of them is refused, and allowed if all of them are.</summary>
    private bool MatchesPath(string path, string[]? others)
    {
        var isMatch = MatchesPath(path);
        for (var i = 0; i < (others?.Length ?? 0) && isMatch == (Rule.Action == AccessAction.Allow); i++)
        {
            isMatch = MatchesPath(others![i]);
        }

        return isMatch;
    }

    private bool MatchesPath(string path)
    {
        foreach (var condition in _paths!)
        {
            if (condition.Matches(path))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesSource(in AccessRequest request)
    {
        if (_identities is not null && (request.Peer is not { } peer || !_identities.Contains(peer.Identity)))
        {
            return false;
        }

        if (_namespaces is not null && (request.Peer?.Namespace is not { } space || !_namespaces.Contains(space)))
        {
            return false;
        }

        return (_networks is null || IsInNetwork(request.Address)) && HasClaims(request.Token);
    }

    private bool IsInNetwork(IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in _networks!)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasClaims(ITokenClaims? token)
    {
        if (Rule.From is not { Claims: { Count: > 0 } wanted })
        {
            return true;
        }

        if (token is null)
        {
            return false;
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            if (!HasClaim(token, wanted[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasClaim(ITokenClaims token, ClaimMatch wanted)
    {
        if (wanted.Values.Count == 0)
        {
            return token.Has(wanted.Name);
        }

        for (var i = 0; i < wanted.Values.Count; i++)
        {
            if (token.Has(wanted.Name, wanted.Values[i]))
            {
                return true;
            }
        }

        return false;
    }
}
