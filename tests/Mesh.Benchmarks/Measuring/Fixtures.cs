using System.Net.Http.Json;
using System.Text;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Measuring;

/// <summary>Set-up shared by the benchmarks.</summary>
internal static class Fixtures
{
    public const string Namespace = "bench";

    /// <summary>Creates or replaces a service with one endpoint on loopback.</summary>
    public static async Task PutService(SiloProcess silo, string name, int port)
    {
        await Put(silo, $"/v1/services/{Namespace}/{name}", new { protocol = "http" });
        await Put(silo, $"/v1/services/{Namespace}/{name}/endpoints/{name}-1", new { host = "127.0.0.1", port });
    }

    /// <exception cref="HttpRequestException">It was refused; the message has the answer.</exception>
    public static Task Put<T>(SiloProcess silo, string path, T body) => PutContent(silo, path, JsonContent.Create(body));

    /// <inheritdoc cref="Put{T}(SiloProcess, string, T)"/>
    public static Task PutJson(SiloProcess silo, string path, string body) =>
        PutContent(silo, path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task PutContent(SiloProcess silo, string path, HttpContent content)
    {
        using var answer = await silo.Api.PutAsync(path, content);
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"PUT {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>Waits until calls of a service succeed through a proxy.</summary>
    public static Task CallsSucceed(ProxyProcess proxy, string authority, TimeSpan? deadline = null) =>
        Eventually.Holds($"calls of {authority} succeed", async () =>
        {
            using var answer = await proxy.Call(authority);
            return answer.IsSuccessStatusCode;
        }, deadline);
}
