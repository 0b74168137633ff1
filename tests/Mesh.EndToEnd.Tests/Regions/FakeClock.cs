namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>Gives a process a clock that is off, with libfaketime (Debian's package <c>libfaketime</c>), where that is installed.</summary>
internal static class FakeClock
{
    private static readonly string? Library = ((string[])
    [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/faketime/libfaketime.so.1",
    ]).FirstOrDefault(File.Exists);

    public static bool IsAvailable => Library is not null;

    /// <param name="offset">For example <c>+3h</c> or <c>-2d</c>.</param>
    public static IReadOnlyDictionary<string, string?> Environment(string offset) => new Dictionary<string, string?>
    {
        ["LD_PRELOAD"] = Library ?? throw new InvalidOperationException("libfaketime is not installed."),
        ["FAKETIME"] = offset,
        ["FAKETIME_NO_CACHE"] = "1",
    };
}
