using System.Text;
using Mesh.Processes;

namespace Mesh.EndToEnd.Tests.Secrets;

/// <summary>Secrets that a test knows, and the search for them in what was said, shown or kept, in every form that anybody undoes.</summary>
internal sealed class PlantedSecrets
{
    private static readonly byte[] PrivateKey = "PRIVATE KEY"u8.ToArray();

    private readonly List<(string What, string Form, byte[] Bytes)> _forms = [];

    /// <param name="what">What messages call it.</param>
    public void Add(string what, string secret) => _forms.AddRange(SecretForms.Of(secret).Select(form => (what, form.Name, form.Bytes)));

    /// <inheritdoc cref="Add(string, string)"/>
    public void Add(string what, byte[] secret) => _forms.AddRange(SecretForms.Of(secret).Select(form => (what, form.Name, form.Bytes)));

    /// <summary>Fails when a secret is in it, or any private key.</summary>
    /// <param name="where">What messages call it.</param>
    /// <param name="except">Secrets that belong there.</param>
    public void Search(string where, ReadOnlySpan<byte> content, params ReadOnlySpan<string> except)
    {
        foreach (var (what, form, bytes) in _forms)
        {
            if (!except.Contains(what))
            {
                Assert.False(content.IndexOf(bytes) >= 0, $"{what} is in {where} ({form})");
            }
        }

        Assert.False(except.IsEmpty && content.IndexOf(PrivateKey) >= 0, $"a private key is in {where}");
    }

    /// <inheritdoc cref="Search(string, ReadOnlySpan{byte}, ReadOnlySpan{string})"/>
    public void Search(string where, string content, params ReadOnlySpan<string> except) => Search(where, Encoding.UTF8.GetBytes(content), except);

    /// <summary>Searches an answer, its headers too.</summary>
    public async Task Search(string where, HttpResponseMessage answer)
    {
        Search($"{where}, headers", $"{answer.Headers}{answer.Content.Headers}{answer.TrailingHeaders}");
        Search(where, await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Searches pages that everything is well with.</summary>
    public async Task Search(HttpClient client, params string[] paths)
    {
        foreach (var path in paths)
        {
            using var answer = await client.GetAsync(path);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
            await Search(path, answer);
        }
    }

    /// <summary>Searches the last lines of a process; its log, where it has one, has all of them.</summary>
    public void Search(ManagedProcess process) => Search($"the output of {process.Name}", string.Join('\n', process.Output()));

    /// <summary>Searches every file below a directory, of which there must be one.</summary>
    /// <param name="except">Secrets that belong into the file of a relative path.</param>
    public void SearchFiles(string directory, Func<string, string[]> except)
    {
        var files = Directory.GetFiles(directory, "*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Search(file, File.ReadAllBytes(file), except(Path.GetRelativePath(directory, file)));
        }
    }

    /// <summary>Searches the command lines of all processes of the machine: whoever is on it can read them.</summary>
    public void SearchCommandLines()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(static path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                Search($"the command line of process {Path.GetFileName(directory)}", File.ReadAllBytes(Path.Combine(directory, "cmdline")));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is not ours to look at.
            }
        }
    }
}
