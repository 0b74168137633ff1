using System.Runtime.CompilerServices;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Connections;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Proxy.Access.Tokens;

/// <summary>
/// Finds out whether a request's token is valid (RFC 7519, RFC 8725): signed by a key that its issuer publishes, for this
/// audience, and at this time. One that was found valid costs a hash for the next 5 minutes.
/// </summary>
internal sealed class TokenVerifier(TimeProvider time) : IDisposable
{
    /// <summary>Longer ones are refused unread.</summary>
    public const int MaxTokenLength = 16 * 1024;

    /// <summary>How much clocks may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan CachedFor = TimeSpan.FromMinutes(5);

    /// <summary>Kept by nobody else: providers hold keys that may have been taken out.</summary>
    private static readonly CryptoProviderFactory Crypto = new() { CacheSignatureProviders = false };

    private readonly JwksClient _jwks = new(time);
    private readonly TokenCache _cache = new();
    private readonly JsonWebTokenHandler _handler = new();
    private readonly ConditionalWeakTable<IReadOnlyList<JwtIssuer>, byte[]> _digests = [];

    /// <summary>Tokens that need no signature to be checked.</summary>
    public int Cached => _cache.Count;

    /// <param name="issuers">Whose tokens are believed; the same object for as long as they are the same.</param>
    /// <param name="authorization">All values of the request's <c>authorization</c>.</param>
    public ValueTask<TokenVerdict> VerifyAsync(IReadOnlyList<JwtIssuer> issuers, StringValues authorization, CancellationToken cancellationToken)
    {
        if (issuers.Count == 0 || authorization.Count == 0)
        {
            return new(TokenVerdict.None);
        }

        if (authorization.Count > 1)
        {
            return new(TokenVerdict.Refused("more than one authorization header; send one"));
        }

        if (!BearerToken.TryRead(authorization[0], out var token))
        {
            return new(TokenVerdict.None);
        }

        if (token.Length > MaxTokenLength)
        {
            return new(TokenVerdict.Refused($"the token is longer than {MaxTokenLength} characters"));
        }

        var digest = TokenDigest.Of(_digests.GetValue(issuers, TokenDigest.Of), token);
        return _cache.TryGet(digest, out var cached) && time.GetUtcNow() < cached.Until
            && IsCurrent(cached, cancellationToken)
            ? new(TokenVerdict.Valid(cached.Token))
            : VerifyAsync(issuers, token.ToString(), digest, cancellationToken);
    }

    public void Dispose() => _jwks.Dispose();

    /// <summary>Its keys are still those that were read last. Asking also has them read again when they are old.</summary>
    private static bool IsCurrent(CachedToken cached, CancellationToken cancellationToken)
    {
        var keys = cached.Set.GetAsync(cancellationToken);
        return keys.IsCompletedSuccessfully && ReferenceEquals(keys.Result, cached.Keys);
    }

    private async ValueTask<TokenVerdict> VerifyAsync(
        IReadOnlyList<JwtIssuer> issuers, string token, TokenDigest digest, CancellationToken cancellationToken)
    {
        if (ParsedToken.Parse(token) is not { } parsed)
        {
            return TokenVerdict.Refused("the token is not a signed JWT");
        }

        if (Refusal(parsed) is { } refusal)
        {
            return TokenVerdict.Refused(refusal);
        }

        var verdict = TokenVerdict.Refused("the token's issuer (\"iss\") is not one that this service believes");
        for (var i = 0; i < issuers.Count; i++)
        {
            if (!string.Equals(issuers[i].Issuer, parsed.Issuer, StringComparison.Ordinal))
            {
                continue;
            }

            verdict = parsed.IsFor(issuers[i])
                ? await VerifyAsync(issuers[i], token, parsed, digest, cancellationToken)
                : TokenVerdict.Refused("the token is for another audience (\"aud\")");
            if (verdict.Outcome == TokenOutcome.Valid)
            {
                break;
            }
        }

        return verdict;
    }

    private async ValueTask<TokenVerdict> VerifyAsync(
        JwtIssuer issuer, string token, ParsedToken parsed, TokenDigest digest, CancellationToken cancellationToken)
    {
        var set = _jwks.For(issuer.Jwks);
        if (await set.GetAsync(cancellationToken) is not { } keys)
        {
            return TokenVerdict.Unavailable("the keys of the token's issuer cannot be read; try again later");
        }

        if (!await IsSignedAsync(token, parsed, keys))
        {
            if (keys.Knows(parsed.KeyId)
                || await set.GetForUnknownKeyAsync(cancellationToken) is not { } newer
                || ReferenceEquals(newer, keys)
                || !await IsSignedAsync(token, parsed, newer))
            {
                return TokenVerdict.Refused("the token's signature is not by a key of its issuer");
            }

            keys = newer;
        }

        var verified = new VerifiedToken(parsed.Payload);
        _cache.Add(digest, new CachedToken(verified, set, keys, Until(parsed)));
        return TokenVerdict.Valid(verified);
    }

    private string? Refusal(ParsedToken parsed)
    {
        if (parsed.Algorithm is not ("RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512" or "ES256" or "ES384" or "ES512"))
        {
            return "the token's algorithm (\"alg\") is none of RS, PS and ES with 256, 384 or 512";
        }

        if (parsed.HasCritical)
        {
            return "the token demands an extension (\"crit\"); none is known";
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        if (parsed.Time("exp") is not { } expires)
        {
            return "the token says no time when it ends (\"exp\")";
        }

        if (expires + Skew.TotalSeconds <= now)
        {
            return "the token has expired (\"exp\")";
        }

        return parsed.Has("nbf") && !(parsed.Time("nbf") - Skew.TotalSeconds <= now) ? "the token is not valid yet (\"nbf\")" : null;
    }

    private DateTimeOffset Until(ParsedToken parsed)
    {
        var now = time.GetUtcNow();
        var left = parsed.Time("exp")!.Value + Skew.TotalSeconds - (now.ToUnixTimeMilliseconds() / 1000.0);
        return now + (left < CachedFor.TotalSeconds ? TimeSpan.FromSeconds(Math.Max(left, 0)) : CachedFor);
    }

    /// <summary>Only the signature is this library's to check; everything else is, above, with the mesh's clock.</summary>
    private async Task<bool> IsSignedAsync(string token, ParsedToken parsed, SigningKeys keys)
    {
        foreach (var key in keys.For(parsed.Algorithm, parsed.KeyId))
        {
            var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
            {
                IssuerSigningKey = key,
                TryAllIssuerSigningKeys = true,
                ValidAlgorithms = [parsed.Algorithm],
                CryptoProviderFactory = Crypto,
                RequireSignedTokens = true,
                RequireExpirationTime = false,
                ValidateIssuer = false,
                ValidateAudience = false,
                ValidateLifetime = false,
            });
            if (result.IsValid)
            {
                return true;
            }
        }

        return false;
    }
}
