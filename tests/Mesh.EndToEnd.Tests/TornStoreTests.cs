using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>An embedded store whose append-only file was torn at its end when the silo's process was killed.</summary>
public sealed class TornStoreTests
{
    /// <summary>A write is longer, so that no other one is torn.</summary>
    private const int TornOff = 50;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_silo_starts_with_all_that_was_written_before_the_torn_end(bool isGarbled)
    {
        await using var silo = await SiloProcess.Ready();
        for (var i = 0; i < 10; i++)
        {
            await silo.Api.Write($"/v1/services/default/web-{i}", "{}");
        }

        await silo.Kill();
        Tear(Path.Combine(silo.DataDirectory, "store", "AOF", "aof.log.0"), isGarbled);
        await silo.Start();
        await silo.WaitReady();

        var services = (await silo.Api.Read("/v1/services?namespace=default")).GetProperty("items").EnumerateArray()
            .Select(static item => item.GetProperty("name").GetString()!).ToHashSet();
        Assert.Superset(Enumerable.Range(0, 9).Select(static i => $"web-{i}").ToHashSet(), services);
        await silo.Api.Write("/v1/services/default/web-9", """{ "hosts": ["nine.example"] }""");
    }

    private static void Tear(string path, bool isGarbled)
    {
        var bytes = File.ReadAllBytes(path);
        if (isGarbled)
        {
            var garbage = new byte[1000];
            new Random(1).NextBytes(garbage);
            File.WriteAllBytes(path, [.. bytes, .. garbage]);
        }
        else
        {
            // Beyond the last write are zeros up to the end of the file's last sector.
            File.WriteAllBytes(path, bytes[..(Array.FindLastIndex(bytes, static value => value != 0) + 1 - TornOff)]);
        }
    }
}
