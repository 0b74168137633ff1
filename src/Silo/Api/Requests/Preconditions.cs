using System.Globalization;
using Mesh.Abstractions.Writes;
using Mesh.Silo.Api.Problems;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.Silo.Api.Requests;

/// <summary>Reads conditional headers (RFC 9110, section 13.1).</summary>
internal static class Preconditions
{
    /// <summary>A well-formed entity tag that is none of ours: it matches nothing.</summary>
    private const long NoRevision = -1;

    /// <exception cref="ApiException">A header is malformed: 400.</exception>
    public static Precondition Of(HttpRequest request)
    {
        var ifMatch = Parse(request.Headers.IfMatch, "If-Match");
        var ifNoneMatch = Parse(request.Headers.IfNoneMatch, "If-None-Match");
        if (ifNoneMatch is not null && !IsAny(ifNoneMatch))
        {
            throw ApiException.BadRequest("Writes take If-None-Match only as \"*\" (create, do not replace); to replace one version, use If-Match.");
        }

        var isAny = ifMatch is not null && IsAny(ifMatch);
        return new Precondition
        {
            IfMatch = ifMatch is null || isAny ? null : [.. ifMatch.Select(ToRevision)],
            MustExist = isAny,
            MustNotExist = ifNoneMatch is not null,
        };
    }

    /// <summary>For a write of many resources, to which one entity tag cannot refer.</summary>
    /// <exception cref="ApiException">There is a condition: 400.</exception>
    public static void RefuseAny(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count > 0 || request.Headers.IfNoneMatch.Count > 0)
        {
            throw ApiException.BadRequest("This request takes no If-Match and no If-None-Match: it writes many resources.");
        }
    }

    /// <summary>Whether a reader already has the representation with that tag.</summary>
    /// <exception cref="ApiException">The header is malformed: 400.</exception>
    public static bool IsNotModified(HttpRequest request, string entityTag)
    {
        if (Parse(request.Headers.IfNoneMatch, "If-None-Match") is not { } tags)
        {
            return false;
        }

        var current = new EntityTagHeaderValue(entityTag);
        return IsAny(tags) || tags.Any(tag => tag.Compare(current, useStrongComparison: false));
    }

    private static IList<EntityTagHeaderValue>? Parse(StringValues values, string header)
    {
        if (values.Count == 0)
        {
            return null;
        }

        // Space around a value is no part of it (RFC 9110, section 5.5); HTTP/2 leaves it, and the parser throws on some of it.
        return EntityTagHeaderValue.TryParseStrictList(values.OfType<string>().Select(static value => value.Trim()).ToArray(), out var tags) && tags.Count > 0 && (tags.Count == 1 || !tags.Contains(EntityTagHeaderValue.Any))
            ? tags
            : throw ApiException.BadRequest($"{header} must be \"*\" or a list of entity tags in double quotes, such as \"7\".");
    }

    private static bool IsAny(IList<EntityTagHeaderValue> tags) => tags is [var tag] && tag.Equals(EntityTagHeaderValue.Any);

    /// <summary>Weak tags never match here: If-Match compares strongly.</summary>
    private static long ToRevision(EntityTagHeaderValue tag) =>
        !tag.IsWeak && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : NoRevision;
}
