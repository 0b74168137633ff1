using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Tests.Validation;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Json;

/// <summary>Bodies that were right and then got damaged, from a fixed seed.</summary>
public class StrictJsonFuzzTests
{
    private static readonly string[] Splices =
    [
        "null", "{}", "[]", "\"\"", "-1", "1e400", "true", "\"\\ud800\"", "\"\\u0000\"", "\"name\":\"x\",", "\"name\":1,", "[[[[", "{\"a\":",
        "99999999999999999999999999", "\"(a{1000}){1000}\"", "\"(?=x)\"", "\"[\"", "\"(\"", "\"5s\"", "\"-5s\"", "\uFEFF", "\\", "\"", ",",
    ];

    [Fact]
    public void Never_throws_and_never_accepts_what_it_would_not_write_the_same()
    {
        var random = new Random(20_260_1);
        var accepted = 0;
        var refused = 0;
        for (var round = 0; round < 5000; round++)
        {
            var body = Mutate(Encoding.UTF8.GetBytes(SampleSpecs.Complete), random);
            var errors = new SpecErrors();
            if (!StrictJson.TryParse(body, out var document, out _))
            {
                refused++;
                continue;
            }

            var spec = StrictJson.Read<ServiceSpec>(document, JsonPath.Root, errors);
            if (spec is not null)
            {
                SpecValidator.Validate(spec, JsonPath.Root, errors);
            }

            if (errors.IsEmpty)
            {
                accepted++;
                Assert.True(MeshJson.Same(spec!, MeshJson.Decode<ServiceSpec>(MeshJson.Encode(spec!))));
            }
            else
            {
                refused++;
                Assert.All(errors.Items, error => Assert.StartsWith("$", error.Path, StringComparison.Ordinal));
            }
        }

        Assert.True(accepted > 50 && refused > 2000, $"{accepted} accepted, {refused} refused: the mutations are too harsh or too mild");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var body = new List<byte>(original);
        for (var change = random.Next(1, 4); change > 0 && body.Count > 0; change--)
        {
            var at = random.Next(body.Count);
            switch (random.Next(6))
            {
                case 0:
                    body[at] = (byte)random.Next(256);
                    break;
                case 1:
                    body.RemoveRange(at, Math.Min(random.Next(1, 8), body.Count - at));
                    break;
                case 2:
                    body.InsertRange(at, Encoding.UTF8.GetBytes(Splices[random.Next(Splices.Length)]));
                    break;
                case 3:
                    body[at] = (byte)random.Next('0', '9' + 1);
                    break;
                case 4:
                    ReplaceValue(body, at, Splices[random.Next(Splices.Length)]);
                    break;
                default:
                    body[at] = (byte)random.Next('a', 'z' + 1);
                    break;
            }
        }

        return [.. body];
    }

    /// <summary>Puts something else where the next value after a colon stands, so that the syntax often stays right.</summary>
    private static void ReplaceValue(List<byte> body, int from, string value)
    {
        var colon = body.IndexOf((byte)':', from);
        if (colon < 0)
        {
            return;
        }

        var end = body.FindIndex(colon, static b => b is (byte)',' or (byte)'}' or (byte)']');
        body.RemoveRange(colon + 1, (end < 0 ? body.Count : end) - colon - 1);
        body.InsertRange(colon + 1, Encoding.UTF8.GetBytes(value));
    }
}
