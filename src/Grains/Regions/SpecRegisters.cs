using System.Buffers;
using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;

namespace Mesh.Grains.Regions;

/// <summary>
/// A spec taken apart into registers and put together again, by its JSON: each rule (<c>routes/{name}</c>), its place
/// (<c>order/{name}</c>), each host alias (<c>hosts/{host}</c>, whose value is its place), each section of the traffic
/// policy (<c>traffic/{section}</c>), each access rule (<c>access-rules/{name}</c>) and every other field of the access
/// policy (<c>access/{field}</c>), and every other field of the spec, those that are added later included. The order of
/// access rules plays no part, so they come back in that of their names.
/// </summary>
internal static class SpecRegisters
{
    public const string Exists = "exists";
    public const string RoutePrefix = "routes/";
    public const string OrderPrefix = "order/";
    public const string True = "true";
    public const string False = "false";
    private const string HostPrefix = "hosts/";
    private const string TrafficPrefix = "traffic/";
    private const string AccessPrefix = "access/";
    private const string AccessRulePrefix = "access-rules/";

    private static readonly JsonElement NoSpec = JsonSerializer.SerializeToElement(new { });

    /// <summary>The values of the registers, as JSON.</summary>
    public static Dictionary<string, string> Split(ServiceSpec? spec, IReadOnlyDictionary<string, string> positions)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, position) in positions.Where(static pair => pair.Key.StartsWith(OrderPrefix, StringComparison.Ordinal)))
        {
            values[key] = Quote(position);
        }

        var root = spec is null ? NoSpec : JsonSerializer.SerializeToElement(spec, MeshJson.Options);
        foreach (var field in root.EnumerateObject())
        {
            switch (field.Name)
            {
                case "hosts":
                    foreach (var host in spec!.Hosts)
                    {
                        values[HostPrefix + host] = Quote(positions.GetValueOrDefault(HostPrefix + host) ?? "");
                    }

                    break;
                case "routes":
                    foreach (var rule in field.Value.EnumerateArray())
                    {
                        values[RoutePrefix + rule.GetProperty("name").GetString()] = rule.GetRawText();
                    }

                    break;
                case "traffic":
                    foreach (var section in field.Value.EnumerateObject())
                    {
                        values[TrafficPrefix + section.Name] = section.Value.GetRawText();
                    }

                    break;
                case "access" when field.Value.ValueKind == JsonValueKind.Object:
                    SplitAccess(field.Value, values);
                    break;
                default:
                    values[field.Name] = field.Value.GetRawText();
                    break;
            }
        }

        return values;
    }

    /// <summary>The spec that has these values, and the positions they hold.</summary>
    public static (ServiceSpec Spec, SortedDictionary<string, string> Positions) Compose(IReadOnlyDictionary<string, string> values)
    {
        var positions = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var hosts = new List<(string? Position, string Name)>();
        var rules = new List<(string? Position, string Name)>();
        var traffic = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var access = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var accessRules = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, json) in values)
        {
            if (After(key, OrderPrefix) is not null)
            {
                positions[key] = Unquote(json);
            }
            else if (After(key, HostPrefix) is { } host)
            {
                positions[key] = Unquote(json);
                hosts.Add((positions[key], host));
            }
            else if (After(key, RoutePrefix) is { } rule)
            {
                rules.Add((values.TryGetValue(OrderPrefix + rule, out var position) ? Unquote(position) : null, rule));
            }
            else if (After(key, TrafficPrefix) is { } section)
            {
                traffic[section] = json;
            }
            else if (After(key, AccessPrefix) is { } part)
            {
                access[part] = json;
            }
            else if (After(key, AccessRulePrefix) is { } accessRule)
            {
                accessRules[accessRule] = json;
            }
            else if (key != Exists)
            {
                fields[key] = json;
            }
        }

        if (access.Count + accessRules.Count > 0)
        {
            access["rules"] = $"[{string.Join(',', accessRules.Values)}]";
            fields["access"] = Object(access);
        }

        hosts.Sort(ListPositions.Compare);
        rules.Sort(ListPositions.Compare);
        var spec = Write(fields, hosts.Select(static host => host.Name), rules.Select(rule => values[RoutePrefix + rule.Name]), traffic);
        return (MeshJson.Decode<ServiceSpec>(spec), positions);
    }

    /// <summary>The positions that put hosts and rules into the spec's order; those of rules that are gone stay.</summary>
    public static SortedDictionary<string, string> Arrange(ServiceSpec spec, IReadOnlyDictionary<string, string> positions)
    {
        var next = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, position) in positions.Where(static pair => pair.Key.StartsWith(OrderPrefix, StringComparison.Ordinal)))
        {
            next[key] = position;
        }

        Arrange(OrderPrefix, [.. spec.Routes.Select(static rule => rule.Name)]);
        Arrange(HostPrefix, spec.Hosts);
        return next;

        void Arrange(string prefix, IReadOnlyList<string> names)
        {
            foreach (var (name, position) in ListPositions.Arrange(names, name => positions.GetValueOrDefault(prefix + name)))
            {
                next[prefix + name] = position;
            }
        }
    }

    /// <summary>The rule a place belongs to; null when the register is no place.</summary>
    public static string? RuleOfOrder(string key) => After(key, OrderPrefix) is { } rule ? RoutePrefix + rule : null;

    /// <summary>An empty list is no value: it stands in every policy, whoever wrote it.</summary>
    private static void SplitAccess(JsonElement access, Dictionary<string, string> values)
    {
        foreach (var field in access.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Array && field.Value.GetArrayLength() == 0)
            {
                continue;
            }

            if (field.Name != "rules")
            {
                values[AccessPrefix + field.Name] = field.Value.GetRawText();
                continue;
            }

            foreach (var rule in field.Value.EnumerateArray())
            {
                values[AccessRulePrefix + rule.GetProperty("name").GetString()] = rule.GetRawText();
            }
        }
    }

    private static string Object(SortedDictionary<string, string> fields) =>
        $"{{{string.Join(',', fields.Select(static field => $"{JsonSerializer.Serialize(field.Key)}:{field.Value}"))}}}";

    private static byte[] Write(
        SortedDictionary<string, string> fields,
        IEnumerable<string> hosts,
        IEnumerable<string> rules,
        SortedDictionary<string, string> traffic)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var (name, json) in fields)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(json);
        }

        writer.WriteStartArray("hosts");
        foreach (var host in hosts)
        {
            writer.WriteStringValue(host);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("routes");
        foreach (var rule in rules)
        {
            writer.WriteRawValue(rule);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("traffic");
        writer.WriteRawValue(Object(traffic));
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string? After(string key, string prefix) =>
        key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : null;

    private static string Quote(string position) => JsonSerializer.Serialize(position);

    private static string Unquote(string json) => JsonSerializer.Deserialize<string>(json) ?? "";
}
