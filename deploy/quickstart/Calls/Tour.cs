namespace Mesh.Quickstart.Calls;

/// <summary>The three commands to try: a call, a route change, the same call again.</summary>
internal sealed class Tour(Uri api, Uri webSidecar)
{
    public Command Call { get; } = new("Call the shop through web's sidecar", HttpMethod.Get, webSidecar, Host: "web");

    public Command ChangeRoute { get; } = new(
        "Send catalog's traffic to catalog-v2",
        HttpMethod.Put,
        new Uri(api, "/v1/services/shop/catalog/routes/to-v2"),
        Body: """{"name":"to-v2","backendRefs":[{"name":"catalog-v2"}]}""");

    public IEnumerable<Command> Commands => [Call, ChangeRoute, Call with { Title = "The same call again" }];
}
