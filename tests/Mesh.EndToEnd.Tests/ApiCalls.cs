using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>What administrators and applications do, as one-line helpers for the tests.</summary>
internal static class ApiCalls
{
    public static async Task<HttpResponseMessage> Put(this HttpClient api, string path, string json, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await api.SendAsync(request);
    }

    /// <summary>
    /// A write that has to succeed. It is repeated while the control plane says that it cannot answer in time, as the
    /// answer advises: the first writes of a silo that has just started may take longer than that on a busy machine.
    /// </summary>
    public static async Task Write(this HttpClient api, string path, string json)
    {
        using var answer = await Eventually.Yields<HttpResponseMessage>($"PUT {path} is answered", async () =>
        {
            var answer = await api.Put(path, json);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return answer;
            }

            using (answer)
            {
                throw new HttpRequestException(await Describe(answer));
            }
        });
        Assert.True(answer.IsSuccessStatusCode, await Describe(answer));

        async Task<string> Describe(HttpResponseMessage answer) =>
            $"PUT {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    public static async Task<JsonElement> Read(this HttpClient api, string path) =>
        await api.GetFromJsonAsync<JsonElement>(path);

    /// <summary>A rule that sends everything to one service.</summary>
    public static Task RouteAllTo(this HttpClient api, string service, string backend) => api.Write(
        $"/v1/services/{service}/routes/all",
        $$"""{ "name": "all", "backendRefs": [{ "name": "{{backend}}" }] }""");

    /// <summary>A service with one endpoint on loopback.</summary>
    public static async Task AddService(this HttpClient api, string service, int port)
    {
        await api.Write($"/v1/services/{service}", "{}");
        await api.Write($"/v1/services/{service}/endpoints/one", $$"""{ "host": "127.0.0.1", "port": {{port}} }""");
    }

    public static async Task<string> Body(this ProxyProcess proxy, string authority)
    {
        using var answer = await proxy.Call(authority);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Waits until calls through the proxy are answered by that application.</summary>
    public static Task Reaches(this ProxyProcess proxy, string authority, string application, TimeSpan? deadline = null) =>
        Eventually.Holds($"{authority} is answered by {application}", async () => await proxy.Body(authority) == application, deadline);
}
