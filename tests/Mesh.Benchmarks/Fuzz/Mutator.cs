using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Benchmarks.Fuzz;

/// <summary>Damages bodies: some bytes at random, or, for JSON, single values and names so that the rest still parses.</summary>
internal sealed class Mutator(Random random)
{
    /// <summary>Values that programs tend to mishandle, as JSON.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "-0", "1.5", "1e999", "99999999999999999999", "2147483648", "-9223372036854775809", "1e-400",
        "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udfff\\ud800\"", "\"../../etc/passwd\"", "\"a\\r\\nb: c\"", "\"(a+)+$\"", "\"(a|a)*b{1000}\"",
        "\"[\"", "\"(?<=a)\\\\1\"", "\"99999h\"", "\"-1s\"", "\"1y\"", "\"ＷＥＢ\"", "\"\\u202e\"", "\"PathPrefix,Exact\"", "\"12\"", "[]", "{}", "[[]]",
        "[null]", "{\"\":\"\"}", "{\"__proto__\":{}}", "{\"$type\":\"System.String\"}",
    ];

    private static readonly string[] Fragments = ["{", "}", "[", "]", "\"", ",", ":", "//", "/*", "\0", "\uFEFF", "&a", "*a", "!!binary ", "<<: ", "--- \n", "\t", "NaN", "Infinity", "'"];

    public byte[] Mutate(string body)
    {
        if (body.Length == 0)
        {
            return random.Next(2) == 0 ? Encoding.UTF8.GetBytes(Pick(Values)) : RandomBytes();
        }

        return random.Next(10) switch
        {
            < 6 when MutateTree(body) is { } mutated => Encoding.UTF8.GetBytes(mutated),
            6 => Truncate(body),
            7 => Insert(body),
            8 => Repeat(body),
            _ => FlipBytes(body),
        };
    }

    /// <returns>Null when the body is not JSON.</returns>
    private string? MutateTree(string body)
    {
        if (body[0] is not ('{' or '['))
        {
            return null;
        }

        var marker = $"mutated-{random.NextInt64()}";
        var root = JsonNode.Parse(body)!;
        var nodes = new List<JsonNode>();
        Collect(root, nodes);
        if (random.Next(60) == 0)
        {
            return string.Concat(Enumerable.Repeat("[", random.Next(10, 20_000)));
        }

        switch (nodes[random.Next(nodes.Count)])
        {
            case JsonObject node when node.Count > 0:
                var name = node.ElementAt(random.Next(node.Count)).Key;
                switch (random.Next(5))
                {
                    case 0:
                        node.Remove(name);
                        break;
                    case 1:
                        var moved = node[name];
                        node.Remove(name);
                        node[random.Next(2) == 0 ? name.ToUpperInvariant() : $"{name}x"] = moved;
                        break;
                    case 2:
                        // The same name twice, with another value the second time.
                        node[marker] = "";
                        return root.ToJsonString().Replace($"\"{marker}\":\"\"", $"\"{name}\":{Value()}", StringComparison.Ordinal);
                    case 3:
                        node[$"unknown{random.Next(5)}"] = 1;
                        break;
                    default:
                        node[name] = marker;
                        break;
                }

                break;
            case JsonArray { Count: > 0 } list:
                if (random.Next(3) == 0)
                {
                    for (var count = random.Next(1, 400); count > 0; count--)
                    {
                        list.Add(list[0]?.DeepClone());
                    }
                }
                else
                {
                    list[random.Next(list.Count)] = marker;
                }

                break;
            case { Parent: JsonObject parent } leaf:
                parent[leaf.GetPropertyName()] = marker;
                break;
            case { Parent: JsonArray parent } leaf:
                parent[leaf.GetElementIndex()] = marker;
                break;
        }

        return root.ToJsonString().Replace($"\"{marker}\"", Value(), StringComparison.Ordinal);
    }

    private static void Collect(JsonNode? node, List<JsonNode> nodes)
    {
        if (node is null)
        {
            return;
        }

        nodes.Add(node);
        var children = node switch
        {
            JsonObject map => map.Select(pair => pair.Value),
            JsonArray list => list,
            _ => [],
        };
        foreach (var child in children)
        {
            Collect(child, nodes);
        }
    }

    private string Value() => random.Next(12) == 0
        ? $"\"{new string('a', random.Next(1, 70_000))}\""
        : Pick(Values);

    private byte[] Truncate(string body) => Encoding.UTF8.GetBytes(body)[..random.Next(body.Length)];

    private byte[] Insert(string body) => Encoding.UTF8.GetBytes(body.Insert(random.Next(body.Length), Pick(Fragments)));

    private byte[] Repeat(string body)
    {
        var start = random.Next(body.Length);
        var slice = body.Substring(start, random.Next(body.Length - start));
        return Encoding.UTF8.GetBytes(body.Insert(start, string.Concat(Enumerable.Repeat(slice, random.Next(1, 20)))));
    }

    private byte[] FlipBytes(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private byte[] RandomBytes()
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    private T Pick<T>(T[] items) => items[random.Next(items.Length)];
}
