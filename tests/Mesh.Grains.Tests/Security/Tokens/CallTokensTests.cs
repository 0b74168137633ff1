using System.Reflection;
using Mesh.Grains.Security.Tokens;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Mesh.Grains.Tests.Security.Tokens;

public sealed class CallTokensTests
{
    private static readonly GrainId Web = GrainId.Create("service", "shop/web");
    private static readonly byte[] Secret = Enumerable.Range(0, 32).Select(static one => (byte)one).ToArray();

    private readonly CallTokens _silo = Tokens(Secret);
    private readonly CallTokens _other = Tokens(Secret);

    [Fact]
    public void A_token_is_good_for_one_call()
    {
        var token = _silo.Make(Web, new FakeWrite());

        Assert.True(_other.Use(token, Web, new FakeWrite()));
        Assert.False(_other.Use(token, Web, new FakeWrite()));
    }

    [Fact]
    public void A_token_is_good_for_no_other_grain_method_or_inner_request()
    {
        var token = _silo.Make(Web, new FakeRequest());

        Assert.False(_other.Use(token, GrainId.Create("service", "shop/cart"), new FakeRequest()));
        Assert.False(_other.Use(token, GrainId.Create("serviceshop", "/web"), new FakeRequest()));
        Assert.False(_other.Use(token, Web, new FakeWrite()));
        Assert.False(_other.Use(token, Web, new FakeRequest(new FakeWrite())));
        Assert.True(_other.Use(token, Web, new FakeRequest()));
    }

    [Fact]
    public void A_token_under_another_secret_or_changed_in_any_byte_is_not_good()
    {
        var request = new FakeRequest();
        var token = _silo.Make(Web, request);

        Assert.False(Tokens([.. Secret.Reverse()]).Use(token, Web, request));
        for (var i = 0; i < token.Length; i++)
        {
            var changed = (byte[])token.Clone();
            changed[i] ^= 1;
            Assert.False(_other.Use(changed, Web, request));
        }

        Assert.False(_other.Use([], Web, request));
        Assert.False(_other.Use(new byte[CallTokens.Length], Web, request));
    }

    [Fact]
    public void A_short_secret_is_refused() => Assert.Throws<InvalidOperationException>(() => Tokens(new byte[31]));

    [Fact]
    public void A_secret_is_needed_where_tokens_are() => Assert.Throws<InvalidOperationException>(() => Tokens([], isRequired: true));

    private static CallTokens Tokens(byte[] secret, bool isRequired = false) =>
        new(Options.Create(new CallTokenOptions { Secret = secret, IsRequired = isRequired }), TimeProvider.System);

    /// <summary>A type of its own for each method, as Orleans generates them.</summary>
    private class FakeRequest(object? argument = null) : IInvokable
    {
        public virtual string GetMethodName() => "Get";

        public string GetInterfaceName() => "IService";

        public int GetArgumentCount() => argument is null ? 0 : 1;

        public object? GetArgument(int index) => argument;

        public string GetActivityName() => throw new NotSupportedException();

        public object GetTarget() => throw new NotSupportedException();

        public void SetTarget(ITargetHolder holder) => throw new NotSupportedException();

        public ValueTask<Response> Invoke() => throw new NotSupportedException();

        public void SetArgument(int index, object? value) => throw new NotSupportedException();

        public MethodInfo GetMethod() => throw new NotSupportedException();

        public Type GetInterfaceType() => throw new NotSupportedException();

        public TimeSpan? GetDefaultResponseTimeout() => null;

        public void Dispose()
        {
        }
    }

    private sealed class FakeWrite : FakeRequest
    {
        public override string GetMethodName() => "Write";
    }
}
