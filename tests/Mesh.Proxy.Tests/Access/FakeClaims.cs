using Mesh.Proxy.Access;

namespace Mesh.Proxy.Tests.Access;

internal sealed class FakeClaims(params (string Name, string Value)[] claims) : ITokenClaims
{
    public IReadOnlyList<KeyValuePair<string, string>> Claims { get; } = [.. claims.Select(static claim => KeyValuePair.Create(claim.Name, claim.Value))];

    public bool Has(string name) => claims.Any(claim => claim.Name == name);

    public bool Has(string name, string value) => claims.Contains((name, value));
}
