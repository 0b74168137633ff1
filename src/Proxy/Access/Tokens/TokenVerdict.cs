namespace Mesh.Proxy.Access.Tokens;

/// <param name="Token">What it says when it is valid; else null.</param>
/// <param name="Refusal">Why it does not count, for the caller; never has any of the token in it.</param>
internal readonly record struct TokenVerdict(TokenOutcome Outcome, VerifiedToken? Token = null, string? Refusal = null)
{
    public static readonly TokenVerdict None = new(TokenOutcome.None);

    public static TokenVerdict Valid(VerifiedToken token) => new(TokenOutcome.Valid, token);

    public static TokenVerdict Refused(string why) => new(TokenOutcome.Refused, Refusal: why);

    public static TokenVerdict Unavailable(string why) => new(TokenOutcome.Unavailable, Refusal: why);
}
