namespace Mesh.Proxy.Access;

/// <summary>What a token says that was found valid; see <see cref="Mesh.Abstractions.Access.ClaimMatch"/> for how claims are named.</summary>
internal interface ITokenClaims
{
    /// <summary>Every name with every value it has.</summary>
    IReadOnlyList<KeyValuePair<string, string>> Claims { get; }

    bool Has(string name);

    bool Has(string name, string value);
}
