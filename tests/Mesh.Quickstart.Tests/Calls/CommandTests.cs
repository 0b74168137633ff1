using Mesh.Quickstart.Calls;

namespace Mesh.Quickstart.Tests.Calls;

public sealed class CommandTests
{
    private static readonly Tour Tour = new(new Uri("http://127.0.0.1:4180"), new Uri("http://127.0.0.1:4140"));

    [Fact]
    public void A_call_names_its_service_in_the_host_header()
    {
        Assert.Equal("curl http://127.0.0.1:4140/ -H 'Host: web'", Tour.Call.ToCurl());
    }

    [Fact]
    public void A_write_carries_its_body()
    {
        Assert.Equal(
            "curl -X PUT http://127.0.0.1:4180/v1/services/shop/catalog/routes/to-v2 -H 'Content-Type: application/json' "
            + """-d '{"name":"to-v2","backendRefs":[{"name":"catalog-v2"}]}'""",
            Tour.ChangeRoute.ToCurl());
    }
}
