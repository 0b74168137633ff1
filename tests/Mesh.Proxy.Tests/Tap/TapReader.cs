using System.Text.Json;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Tap;

/// <summary>Watches the requests of a proxy.</summary>
internal sealed class TapReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private TapReader(HttpResponseMessage response, StreamReader lines) => (_response, _lines) = (response, lines);

    /// <summary>Opens a stream; requests from now on are seen.</summary>
    public static async Task<TapReader> OpenAsync(ProxyHost proxy, string query, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(proxy.Addresses.Admin, "/tap" + query));
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        var response = await proxy.Http1.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var reader = new TapReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        await reader.SeesAsync(": watching");
        return reader;
    }

    public async Task<JsonElement> NextAsync()
    {
        while (true)
        {
            if (await LineAsync() is { } line && line.StartsWith("data: {", StringComparison.Ordinal))
            {
                return JsonDocument.Parse(line["data: ".Length..]).RootElement;
            }
        }
    }

    public async Task SeesAsync(string text)
    {
        while (await LineAsync() is { } line && line != text)
        {
        }
    }

    public async Task EndsAsync()
    {
        while (await _lines.ReadLineAsync().WaitAsync(Eventually.Deadline, TimeProvider.System) is not null)
        {
        }
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> LineAsync() =>
        await _lines.ReadLineAsync().WaitAsync(Eventually.Deadline, TimeProvider.System) ?? throw new EndOfStreamException("the stream has ended");
}
