using System.Buffers.Text;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Proxy.Access.Tokens;

/// <summary>An issuer's public keys as they were read at one time.</summary>
internal sealed class SigningKeys
{
    /// <summary>Keys that are looked at of one set.</summary>
    private const int MaxKeys = 100;

    /// <summary>Keys that are tried for one token.</summary>
    private const int MaxTries = 20;

    /// <summary>Below this, RSA can be broken (RFC 7518, section 3.3).</summary>
    private const int MinRsaBits = 2048;

    private readonly List<JsonWebKey> _keys = [];

    /// <exception cref="ArgumentException"><paramref name="json"/> is no JWKS, or has no key that could sign tokens.</exception>
    public SigningKeys(string json)
    {
        Json = json;
        foreach (var key in new JsonWebKeySet(json).Keys)
        {
            if (_keys.Count < MaxKeys && IsUsable(key))
            {
                _keys.Add(key);
            }
        }

        if (_keys.Count == 0)
        {
            throw new ArgumentException("no RSA (2048 bits or more) or EC key for signatures among its \"keys\"", nameof(json));
        }
    }

    /// <summary>What was read.</summary>
    public string Json { get; }

    /// <summary>There is a key with this id.</summary>
    public bool Knows(string? kid) => kid is not null && _keys.Exists(key => string.Equals(key.Kid, kid, StringComparison.Ordinal));

    /// <summary>The keys that may have signed a token; at most 20.</summary>
    public List<JsonWebKey> For(string algorithm, string? kid)
    {
        var fitting = new List<JsonWebKey>();
        foreach (var key in _keys)
        {
            if (fitting.Count < MaxTries && Fits(key, algorithm)
                && (kid is null || string.IsNullOrEmpty(key.Kid) || string.Equals(key.Kid, kid, StringComparison.Ordinal)))
            {
                fitting.Add(key);
            }
        }

        return fitting;
    }

    private static bool IsUsable(JsonWebKey key) =>
        (key.Use is null or "" or "sig")
        && (key.KeyOps.Count == 0 || key.KeyOps.Contains("verify"))
        && key.Kty switch
        {
            "RSA" => key.N is not null && key.E is not null && HasBits(key),
            "EC" => key.X is not null && key.Y is not null && key.Crv is "P-256" or "P-384" or "P-521",
            _ => false,
        };

    /// <summary>A number that is none is that key's fault, not the others'.</summary>
    private static bool HasBits(JsonWebKey key) =>
        Base64Url.IsValid(key.N) && Base64Url.IsValid(key.E) && key.KeySize >= MinRsaBits;

    private static bool Fits(JsonWebKey key, string algorithm) =>
        (string.IsNullOrEmpty(key.Alg) || string.Equals(key.Alg, algorithm, StringComparison.Ordinal))
        && algorithm switch
        {
            "RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512" => key.Kty == "RSA",
            "ES256" => key is { Kty: "EC", Crv: "P-256" },
            "ES384" => key is { Kty: "EC", Crv: "P-384" },
            "ES512" => key is { Kty: "EC", Crv: "P-521" },
            _ => false,
        };
}
