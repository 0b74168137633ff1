using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Access;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Access.Tokens;

/// <summary>Somebody who signs tokens and publishes keys.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    public const string Name = "https://issuer.example";

    private readonly int _port = FreePort.Next();
    private Upstream? _server;
    private int _fetches;

    public RSA Rsa { get; private set; } = RSA.Create(2048);

    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string RsaKid { get; private set; } = "rsa-1";

    /// <summary>What the server waits for before it answers.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Answers this instead of the keys.</summary>
    public RequestDelegate? Instead { get; set; }

    public int Fetches => Volatile.Read(ref _fetches);

    public string Url => $"http://127.0.0.1:{_port}/keys";

    public JwtIssuer Spec => new() { Issuer = Name, Jwks = Url, Audiences = ["web"] };

    public static async Task<TokenIssuer> StartAsync()
    {
        var issuer = new TokenIssuer();
        await issuer.StartServerAsync();
        return issuer;
    }

    public async Task StartServerAsync() => _server = await Upstream.StartAsync(AnswerAsync, port: _port);

    public async Task StopServerAsync()
    {
        await _server!.DisposeAsync();
        _server = null;
    }

    public void Rotate(string kid)
    {
        Rsa = RSA.Create(2048);
        RsaKid = kid;
    }

    public string Rs256(object payload) => Sign("RS256", RsaKid, payload);

    public string Sign(string algorithm, string? kid, object payload)
    {
        var text = kid is null ? Head(new { alg = algorithm }, payload) : Head(new { alg = algorithm, kid }, payload);
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = algorithm switch
        {
            "RS256" => Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "PS256" => Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            "ES256" => Ec.SignData(bytes, HashAlgorithmName.SHA256),

            // The classic attack: the public key, which everybody has, as the secret.
            "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem()), bytes),
            _ => [1],
        };
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Head(object header, object payload) =>
        $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header))}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(payload))}";

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _fetches);
        await Gate;
        if (Instead is not null)
        {
            await Instead(context);
            return;
        }

        var rsa = Rsa.ExportParameters(includePrivateParameters: false);
        var ec = Ec.ExportParameters(includePrivateParameters: false);
        await context.Response.WriteAsync(JsonSerializer.Serialize(new
        {
            keys = new object[]
            {
                // Not everything that is published can be used; the rest can all the same.
                new { kty = "RSA", kid = "broken", n = "!!", e = "AQAB" },
                new { kty = "oct", kid = "secret", k = "AAAA" },
                new { kty = "RSA", use = "sig", kid = RsaKid, n = Base64Url.EncodeToString(rsa.Modulus), e = Base64Url.EncodeToString(rsa.Exponent) },
                new { kty = "EC", kid = "ec-1", crv = "P-256", x = Base64Url.EncodeToString(ec.Q.X), y = Base64Url.EncodeToString(ec.Q.Y) },
            },
        }));
    }
}
