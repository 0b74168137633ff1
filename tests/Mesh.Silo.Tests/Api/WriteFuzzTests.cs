using System.Net;
using System.Text;

namespace Mesh.Silo.Tests.Api;

/// <summary>Damaged bodies against every write, from a fixed seed.</summary>
public class WriteFuzzTests(ApiHost api) : IClassFixture<ApiHost>
{
    private static readonly (string Method, string Path, string Body)[] Writes =
    [
        ("PUT", "/v1/services/f/web", """{"hosts":["f.example"],"ports":[80],"routes":[{"name":"a","matches":[{"path":{"type":"RegularExpression","value":"/a+"}}],"timeouts":{"request":"1s"}}],"traffic":{}}"""),
        ("PUT", "/v1/services/f/web/routes/a", """{"name":"a","backendRefs":[{"name":"b","weight":1}],"filters":[]}"""),
        ("PUT", "/v1/services/f/web/traffic", """{"loadBalancer":{"type":"random"},"retryBudget":{"percent":20}}"""),
        ("PUT", "/v1/services/f/web/endpoints/a", """{"host":"10.0.0.1","port":80,"labels":{"a":"b"},"state":"Ready"}"""),
        ("POST", "/v1/services/f/web/rollback", """{"revision":1}"""),
        ("POST", "/v1/apply", """{"services":[{"namespace":"f","name":"web","spec":{},"endpoints":{"a":{"host":"10.0.0.1","port":80}}}]}"""),
    ];

    [Fact]
    public async Task Damaged_bodies_never_give_a_5xx_and_change_nothing()
    {
        await api.Put("/v1/services/f/web", "{}");
        var writes = api.Store.Writes;
        var random = new Random(42);
        var statuses = new Dictionary<HttpStatusCode, int>();
        for (var round = 0; round < 2000; round++)
        {
            var (method, path, body) = Writes[round % Writes.Length];

            // Some damage leaves a valid body; a dry run lets those pass without a trace.
            var answer = await api.Send(new HttpMethod(method), path + "?dryRun=true", Damage(body, random));
            Assert.True((int)answer.Status < 500, $"{method} {path}: {answer.Text}");
            statuses[answer.Status] = statuses.GetValueOrDefault(answer.Status) + 1;
        }

        Assert.Equal(writes, api.Store.Writes);
        Assert.True(statuses[HttpStatusCode.BadRequest] > 200);
        Assert.True(statuses[HttpStatusCode.UnprocessableEntity] > 200);
    }

    private static string Damage(string body, Random random)
    {
        var text = new StringBuilder(body);
        for (var change = random.Next(1, 3); change > 0; change--)
        {
            var at = random.Next(text.Length);
            _ = random.Next(4) switch
            {
                0 => text.Remove(at, Math.Min(text.Length - at - 1, random.Next(1, 5))),
                1 => text.Insert(at, "{}[]\",:0-\\e\u0000\uFEFFnull"[random.Next(17)]),
                2 => text.Replace('"', '\'', at, 1),
                _ => text.Replace(text[at], (char)random.Next(32, 127), at, 1),
            };
        }

        return text.ToString();
    }
}
