using System.Text.Json;
using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Proxy.Tests.Routing;

/// <summary>The tables in <c>Cases</c>. A field that does not exist is an error, so that no expectation goes unread.</summary>
internal static class RouteCases
{
    private static readonly JsonSerializerOptions Options = new(MeshJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Every case, with its spec, by <c>group: name</c>.</summary>
    public static IReadOnlyDictionary<string, RouteCase> All { get; } = Read();

    public static TheoryData<string> Names(Func<RouteCase, bool>? filter = null) =>
        [.. All.Where(one => filter is null || filter(one.Value)).Select(static one => one.Key)];

    private static Dictionary<string, RouteCase> Read()
    {
        var all = new Dictionary<string, RouteCase>();
        foreach (var path in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Routing", "Cases"), "*.json").Order(StringComparer.Ordinal))
        {
            var file = JsonSerializer.Deserialize<RouteCaseFile>(File.ReadAllText(path), Options)!;
            foreach (var one in file.Cases)
            {
                all.Add($"{Path.GetFileNameWithoutExtension(path)}: {one.Name}", one with
                {
                    Spec = one.Spec ?? file.Spec ?? throw new InvalidDataException($"{path}: '{one.Name}' has no spec"),
                });
            }
        }

        return all;
    }
}
