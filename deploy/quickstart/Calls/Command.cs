namespace Mesh.Quickstart.Calls;

/// <summary>A request that is shown as a <c>curl</c> command and, with <c>--once</c>, sent by ourselves.</summary>
/// <param name="Host">The service asked for, where the address is a sidecar's.</param>
internal sealed record Command(string Title, HttpMethod Method, Uri Address, string? Host = null, string? Body = null)
{
    public string ToCurl()
    {
        var text = "curl";
        if (Method != HttpMethod.Get)
        {
            text += $" -X {Method}";
        }

        text += $" {Address}";
        if (Host is not null)
        {
            text += $" -H 'Host: {Host}'";
        }

        if (Body is not null)
        {
            text += $" -H 'Content-Type: application/json' -d '{Body}'";
        }

        return text;
    }
}
