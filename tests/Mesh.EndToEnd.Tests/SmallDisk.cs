using System.Diagnostics;
using System.Globalization;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>A small file system in memory (tmpfs) of its own, which can be filled up. Mounting one takes root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private SmallDisk()
    {
    }

    public string Path => _directory.Path;

    /// <summary>Skips the test where file systems cannot be mounted.</summary>
    public static SmallDisk Mount(int megabytes)
    {
        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "mesh-test", disk.Path))
        {
            return disk;
        }

        disk._directory.Dispose();
        Assert.Skip("This user cannot mount a small file system; run as root.");
        return disk;
    }

    /// <summary>Leaves no byte.</summary>
    public void Fill()
    {
        using var file = File.OpenWrite(Filler);
        try
        {
            for (var block = new byte[4096]; ;)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", Path);
        _directory.Dispose();
    }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
