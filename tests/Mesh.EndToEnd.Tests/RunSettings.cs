using System.Globalization;

namespace Mesh.EndToEnd.Tests;

/// <summary>What the environment may change of the runs under load.</summary>
internal static class RunSettings
{
    /// <summary><c>MESH_E2E_SECONDS</c>: how long a run under load goes on; 15 s by default.</summary>
    public static TimeSpan Length { get; } = LengthOr(15);

    /// <summary><c>MESH_E2E_SEED</c>: repeats what another run did; a new one by default.</summary>
    public static int Seed { get; } = Number("MESH_E2E_SEED") ?? Random.Shared.Next();

    /// <summary><c>MESH_E2E_FAULTS</c>: the only faults that may happen, by name, separated by commas; all by default.</summary>
    public static IReadOnlyList<string> Faults { get; } =
        (Environment.GetEnvironmentVariable("MESH_E2E_FAULTS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <inheritdoc cref="Length"/>
    public static TimeSpan LengthOr(int seconds) => TimeSpan.FromSeconds(Number("MESH_E2E_SECONDS") ?? seconds);

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
