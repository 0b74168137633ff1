namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>A kind of request that callers send over and over.</summary>
/// <param name="HttpVersion">1 or 2.</param>
/// <param name="BodyLength">0 for none.</param>
/// <param name="IsPiecewise">The body comes in pieces, with pauses, and its length is not announced.</param>
internal sealed record CallKind(string Method, int HttpVersion, int BodyLength = 0, bool IsPiecewise = false)
{
    /// <summary>Whether it may be sent twice (RFC 9110, section 9.2.2).</summary>
    public bool IsIdempotent => Method != "POST";

    public override string ToString() => $"{Method} HTTP/{HttpVersion}"
        + (BodyLength == 0 ? "" : $" of {BodyLength} B{(IsPiecewise ? " in pieces" : "")}");
}
