using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Connections;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Silo.Tests.Api.Access;

public sealed class ApiAuthenticatorTests
{
    private const string Identity = "spiffe://ops.example/deployer";

    private static readonly ApiGrant Grant = new(ApiRole.Editor, ["shop"]);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FixedToken _tokens = new();
    private readonly PlainProtector _protector = new();
    private readonly ApiSessions _sessions;
    private readonly ApiAuthenticator _authenticator;

    public ApiAuthenticatorTests()
    {
        var settings = new ApiAccessSettings(IsRequired: true) { Certificates = [new("deployer", Grant), new(Identity, Grant)] };
        _sessions = new ApiSessions(_protector, settings, _time);
        _authenticator = new ApiAuthenticator(settings, [_tokens], _sessions, new FailedLogins(_time), _time);
    }

    [Fact]
    public async Task What_a_session_watches_ends_with_the_session()
    {
        var context = WithSession(FixedToken.Good);
        await Enter(context);
        Assert.True(await _authenticator.IsStillGood(context));

        _time.Advance(ApiSessions.Length);

        Assert.False(await _authenticator.IsStillGood(context));
        Assert.Null(await _authenticator.Authenticate(context));
    }

    [Fact]
    public async Task What_a_session_watches_ends_with_its_token()
    {
        var context = WithSession(FixedToken.Good);
        await Enter(context);

        _tokens.IsRevoked = true;

        Assert.False(await _authenticator.IsStillGood(context));
        await Assert.ThrowsAsync<ApiException>(async () => await _authenticator.Authenticate(context));
    }

    [Fact]
    public async Task A_cookie_is_decrypted_once_in_a_request()
    {
        var context = WithSession(FixedToken.Good);
        await Enter(context);
        await _authenticator.IsStillGood(context);
        Assert.NotNull(_sessions.Read(context));

        Assert.Equal(1, _protector.Decrypted);
    }

    [Fact]
    public async Task What_a_request_has_proved_once_is_only_looked_at_again()
    {
        var context = new DefaultHttpContext { Request = { Headers = { Authorization = $"Bearer {FixedToken.Good}" } } };
        await Enter(context);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(await _authenticator.IsStillGood(context));
        }

        Assert.Equal((1, 5), (_tokens.Found, _tokens.LookedAt));
    }

    [Theory]
    [InlineData("CN=deployer", null, true)]
    [InlineData("CN=deployer, O=anything", null, true)]
    [InlineData("CN=somebody", Identity, true)]
    [InlineData("CN=somebody", "spiffe://ops.example/other", false)]
    [InlineData("O=deployer", null, false)]
    [InlineData("E=deployer", null, false)]
    [InlineData("CN=deployer, CN=somebody", null, false)]
    [InlineData("CN=" + Identity, null, false)]
    [InlineData("CN=Deployer", null, false)]
    public async Task A_certificate_is_known_by_a_URI_or_its_only_common_name(string subject, string? uri, bool isKnown)
    {
        using var certificate = Make(subject, uri);
        var context = new DefaultHttpContext { Connection = { ClientCertificate = certificate } };
        if (isKnown)
        {
            Assert.True((await _authenticator.Authenticate(context))!.May(ApiRole.Editor, "shop"));
            return;
        }

        var exception = await Assert.ThrowsAsync<ApiException>(async () => await _authenticator.Authenticate(context));
        Assert.Equal(StatusCodes.Status401Unauthorized, exception.Problem.Status);
    }

    [Fact]
    public async Task A_certificate_that_expires_while_its_connection_lives_is_good_no_more()
    {
        using var certificate = Make("CN=deployer", null);
        var context = new DefaultHttpContext { Connection = { ClientCertificate = certificate } };
        await Enter(context);
        Assert.True(await _authenticator.IsStillGood(context));

        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(await _authenticator.IsStillGood(context));
        await Assert.ThrowsAsync<ApiException>(async () => await _authenticator.Authenticate(context));
    }

    [Fact]
    public void A_token_that_no_browser_would_keep_begins_no_session()
    {
        var context = new DefaultHttpContext();

        var exception = Assert.Throws<ApiException>(() => _sessions.Begin(context, new string('t', 5000)));

        Assert.Equal(StatusCodes.Status400BadRequest, exception.Problem.Status);
        Assert.Equal(0, context.Response.Headers.SetCookie.Count);
    }

    [Theory]
    [InlineData("http", false, false)]
    [InlineData("https", false, true)]
    [InlineData("http", true, true)]
    public void A_cookie_is_sent_by_TLS_only_where_the_silo_or_what_stands_before_it_has_TLS(string scheme, bool isSet, bool isSecure)
    {
        var sessions = new ApiSessions(_protector, new ApiAccessSettings(IsRequired: true) { IsCookieSecure = isSet }, _time);
        var context = new DefaultHttpContext { Request = { Scheme = scheme } };

        sessions.Begin(context, FixedToken.Good);
        Assert.Equal(isSecure, IsSecure(context.Response));
        sessions.End(context);
        Assert.Equal(isSecure, IsSecure(context.Response));

        static bool IsSecure(HttpResponse response) => Assert.Single(response.Headers.SetCookie)!.Contains("; secure", StringComparison.OrdinalIgnoreCase);
    }

    private async Task Enter(DefaultHttpContext context) => context.Features.Set((await _authenticator.Authenticate(context))!);

    private DefaultHttpContext WithSession(string token)
    {
        var context = new DefaultHttpContext();
        _sessions.Begin(context, token);
        context.Request.Headers.Cookie = context.Response.Headers.SetCookie.ToString().Split(';')[0];
        return context;
    }

    private X509Certificate2 Make(string subject, string? uri)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (uri is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddUri(new Uri(uri));
            request.CertificateExtensions.Add(names.Build());
        }

        return request.CreateSelfSigned(_time.GetUtcNow().AddHours(-1), _time.GetUtcNow().AddHours(1));
    }

    private sealed class FixedToken : IBearerAuthenticator
    {
        public const string Good = "good";

        public bool IsRevoked { get; set; }

        public int Found { get; private set; }

        public int LookedAt { get; private set; }

        public ValueTask<ApiPrincipal?> Find(string token, CancellationToken cancellationToken)
        {
            Found++;
            return ValueTask.FromResult(token == Good && !IsRevoked ? new ApiPrincipal("token:good", [Grant]) : null);
        }

        public ValueTask<ApiPrincipal?> FindAgain(string token, ApiPrincipal known, CancellationToken cancellationToken)
        {
            LookedAt++;
            return ValueTask.FromResult(token == Good && !IsRevoked ? known : null);
        }
    }

    /// <summary>What encryption adds is not what is tested.</summary>
    private sealed class PlainProtector : ISessionProtector
    {
        public byte[] Protect(byte[] session) => session;

        public int Decrypted { get; private set; }

        public byte[] Unprotect(byte[] session)
        {
            Decrypted++;
            return session;
        }
    }
}
