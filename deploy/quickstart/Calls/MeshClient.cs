using System.Net;
using System.Text;
using System.Text.Json;

namespace Mesh.Quickstart.Calls;

/// <summary>The few calls the quickstart makes: to the management API, to admin ports, and through a sidecar.</summary>
internal sealed class MeshClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Whether <c>GET</c> of the address answers with success. Not being there yet is a no.</summary>
    public async Task<bool> IsWell(Uri address, CancellationToken stop)
    {
        try
        {
            using var answer = await _http.GetAsync(address, stop);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (IsFailure(exception, stop))
        {
            return false;
        }
    }

    /// <summary>Whether a service has an endpoint that is ready.</summary>
    public async Task<bool> HasReadyEndpoint(Uri api, string service, CancellationToken stop)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(api, $"/v1/services/{service}/endpoints"), stop);
            if (!answer.IsSuccessStatusCode)
            {
                return false;
            }

            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(stop));
            return body.RootElement.GetProperty("items").EnumerateArray().Any(endpoint => endpoint.GetProperty("state").ValueEquals("Ready"));
        }
        catch (Exception exception) when (IsFailure(exception, stop))
        {
            return false;
        }
    }

    public async Task<CallAnswer> Send(Command command, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(command.Method, command.Address);
        request.Headers.Host = command.Host;
        if (command.Body is not null)
        {
            request.Content = new StringContent(command.Body, Encoding.UTF8, "application/json");
        }

        try
        {
            using var answer = await _http.SendAsync(request, stop);
            return new CallAnswer(answer.StatusCode, await answer.Content.ReadAsStringAsync(stop));
        }
        catch (Exception exception) when (IsFailure(exception, stop))
        {
            return new CallAnswer(null, exception.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private static bool IsFailure(Exception exception, CancellationToken stop) =>
        exception is HttpRequestException || (exception is OperationCanceledException && !stop.IsCancellationRequested);
}
