using System.Net;
using Mesh.Samples;
using Mesh.Samples.Catalog;
using Mesh.Samples.Pricing;
using Mesh.Samples.Web;
using Microsoft.AspNetCore.Server.Kestrel.Core;

if (!SampleOptions.TryRead(args, out var options, out var error))
{
    await Console.Error.WriteLineAsync(error);
    await Console.Error.WriteLineAsync(SampleOptions.Usage);
    return 2;
}

(Action<WebApplicationBuilder> Add, Action<WebApplication> Map) role = options.Role switch
{
    SampleRole.Web => (WebEndpoints.AddWeb, WebEndpoints.MapWeb),
    SampleRole.Catalog => (CatalogEndpoints.AddCatalog, CatalogEndpoints.MapCatalog),
    _ => (PricingEndpoints.AddPricing, PricingEndpoints.MapPricing),
};

var builder = WebApplication.CreateSlimBuilder();
// A line per health check would drown the others.
builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
    .AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.Services.AddSingleton(options);
builder.Services.AddSingleton(TimeProvider.System);

// Without TLS nothing tells HTTP/1.1 and HTTP/2 apart, so each role speaks one of them.
var protocol = options.Role == SampleRole.Pricing ? HttpProtocols.Http2 : HttpProtocols.Http1;
builder.WebHost.ConfigureKestrel(kestrel =>
    kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = protocol));
role.Add(builder);

var app = builder.Build();
role.Map(app);
await app.RunAsync();
return 0;
