using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Abstractions;

/// <summary>Says what it is pushed: the service, its revision, and whether the snapshot has what this program reads of it.</summary>
internal sealed class Observer : IProxyObserver
{
    public static void Tell(string how, EncodedSnapshot snapshot)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(snapshot.Json.Value));
        var root = json.RootElement;
        var isWhole = root.GetProperty("service").GetString() == snapshot.Service.ToString()
            && root.GetProperty("revision").GetInt64() == snapshot.Version.Revision
            && root.GetProperty("endpoints").ValueKind == JsonValueKind.Array;
        var endpoints = string.Join(",", root.GetProperty("endpoints").EnumerateArray().Select(static endpoint => endpoint.GetProperty("id").GetString()));
        Console.WriteLine($"{how} {snapshot.Service} {(isWhole ? "whole" : "broken")} endpoints={endpoints}");
    }

    public Task<PushAck> Push(EncodedSnapshot snapshot)
    {
        Tell("pushed", snapshot);
        return Task.FromResult(new PushAck(snapshot.Version, null));
    }

    public Task<Explanation> Explain(ExplainRequest request) =>
        Task.FromResult(new Explanation { Proxy = Program.Id, Answer = $"asked for {request.Authority}" });
}
