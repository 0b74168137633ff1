using System.Net;

namespace Mesh.Quickstart.Calls;

/// <param name="Status">Null when there was no answer; then <paramref name="Text"/> says why.</param>
internal sealed record CallAnswer(HttpStatusCode? Status, string Text)
{
    public bool IsSuccess => Status is { } status && (int)status is >= 200 and <= 299;
}
