using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mesh.Processes;
using Mesh.Testing;
using Mesh.Testing.Processes;
using Xunit.Sdk;

namespace Mesh.EndToEnd.Tests.Secrets;

/// <summary>A search that finds nothing proves something only when it would have found it.</summary>
public class PlantedSecretsSearchTests
{
    /// <summary>With what Base64, URLs and JSON each write in another way.</summary>
    private const string Secret = "pass/word+with?<things>&\"more\"ÿ>";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PlantedSecrets _secrets = new();

    public PlantedSecretsSearchTests() => _secrets.Add("the secret", Secret);

    public static TheoryData<string> Told()
    {
        var told = new TheoryData<string>
        {
            $"before {Secret} after",
            Convert.ToHexString(Encoding.UTF8.GetBytes($"a{Secret}b")),
            Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"a{Secret}b")),
            $"/path?q={Uri.EscapeDataString(Secret)}&b=c",
            $"/path?q={Uri.EscapeDataString(Secret).ToLowerInvariant()}&b=c",
            JsonSerializer.Serialize(new { value = $"before {Secret}" }),
            JsonSerializer.Serialize(new { value = Secret }, Relaxed).Replace("/", "\\/", StringComparison.Ordinal),
            string.Concat(Encoding.UTF8.GetBytes(Secret).Select(static one => $"%{one:x2}")),
        };
        foreach (var before in (string[])["", "a", "ab", "abc", "user:"])
        {
            foreach (var after in (string[])["", "x", "xy"])
            {
                var text = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{before}{Secret}{after}"));
                told.Add(text);
                told.Add(text.TrimEnd('=').Replace('+', '-').Replace('/', '_'));
            }
        }

        return told;
    }

    [Theory]
    [MemberData(nameof(Told))]
    public void A_secret_is_found_in_every_form(string text)
    {
        var failure = Assert.ThrowsAny<XunitException>(() => _secrets.Search("a log", text));
        Assert.StartsWith("the secret is in a log (", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_are_found_also_when_only_their_text_is_known()
    {
        var bytes = RandomNumberGenerator.GetBytes(32);
        foreach (var text in (string[])[Convert.ToHexStringLower(bytes), Convert.ToBase64String(bytes), System.Buffers.Text.Base64Url.EncodeToString(bytes)])
        {
            var secrets = new PlantedSecrets();
            secrets.Add("a token", text);
            foreach (var told in (byte[][])[bytes, Encoding.ASCII.GetBytes(Convert.ToHexString(bytes)), Encoding.ASCII.GetBytes(Convert.ToBase64String([1, .. bytes]))])
            {
                Assert.ThrowsAny<XunitException>(() => secrets.Search("a log", told));
            }
        }
    }

    [Fact]
    public void What_belongs_there_and_what_is_no_secret_is_not_found()
    {
        _secrets.Search("a log", "pass/word, and a CERTIFICATE");
        _secrets.Search("its own file", Secret, "the secret");
        Assert.ThrowsAny<XunitException>(() => _secrets.Search("its own file", Secret, "another secret"));
    }

    [Fact]
    public void Files_are_searched_but_for_what_belongs_into_them()
    {
        using var directory = new TemporaryDirectory();
        Assert.ThrowsAny<XunitException>(() => _secrets.SearchFiles(directory.Path, static _ => []));
        Directory.CreateDirectory(Path.Combine(directory.Path, "deep"));
        File.WriteAllText(Path.Combine(directory.Path, "deep", "file"), Secret);

        _secrets.SearchFiles(directory.Path, static file => file == Path.Combine("deep", "file") ? ["the secret"] : []);
        Assert.ThrowsAny<XunitException>(() => _secrets.SearchFiles(directory.Path, static _ => []));
    }

    [Fact]
    public async Task A_secret_on_the_command_line_of_any_process_is_found()
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var secrets = new PlantedSecrets();
        secrets.Add("an argument", secret);
        secrets.SearchCommandLines();
        await using var process = ManagedProcess.Start(new ProcessSpec { Name = "shell", FileName = "sh", Arguments = ["-c", "sleep 60; exit", "sh", secret] });

        await Eventually.Holds("it is found", () => Record.Exception(secrets.SearchCommandLines) is XunitException);
    }

    [Fact]
    public void A_private_key_is_found_whosever_it_is() =>
        Assert.ThrowsAny<XunitException>(() => _secrets.Search("a log", "-----BEGIN EC PRIVATE KEY-----"));
}
