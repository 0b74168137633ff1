using Mesh.Abstractions.Connections;

namespace Mesh.Silo.Api.Access;

/// <summary>What of a request may prove who sends it.</summary>
/// <param name="Bearer">The token of the header <c>Authorization: Bearer</c> (RFC 6750); null without one.</param>
/// <param name="IsMalformed">There is an <c>Authorization</c> header, and not one such token in it.</param>
internal readonly record struct ApiCredentials(string? Bearer, bool IsMalformed)
{
    /// <summary>Longer ones are not looked at.</summary>
    public const int MaxLength = 16 * 1024;

    public static ApiCredentials Of(HttpRequest request)
    {
        var values = request.Headers.Authorization;
        if (values.Count == 0)
        {
            return default;
        }

        var text = values.Count == 1 ? values[0] : null;
        return text is { Length: <= MaxLength } && BearerToken.TryRead(text, out var token) && !token.IsEmpty
            ? new ApiCredentials(token.ToString(), IsMalformed: false)
            : new ApiCredentials(null, IsMalformed: true);
    }
}
