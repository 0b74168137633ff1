using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Mesh.Testing.Fuzzing;

/// <summary>
/// Gives a parser damaged inputs: a thousand, or as many as <c>MESH_FUZZ_SECONDS</c> are enough for. A failure prints the
/// <c>MESH_FUZZ_SEED</c> with which the next run begins with the same input.
/// </summary>
public static class Fuzz
{
    /// <summary>The same on every machine, however fast: with the same seed, the same inputs.</summary>
    private const int Inputs = 1000;

    private const int Tries = 5;
    private const int ShownBytes = 300;

    private static readonly TimeSpan? Duration =
        Environment.GetEnvironmentVariable("MESH_FUZZ_SECONDS") is { Length: > 0 } text
            ? TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture))
            : null;

    private static readonly int Seed =
        Environment.GetEnvironmentVariable("MESH_FUZZ_SEED") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : Random.Shared.Next();

    /// <returns>How many inputs it was given.</returns>
    /// <exception cref="FuzzException">It did what it must not.</exception>
    public static int Run(FuzzTarget target)
    {
        foreach (var valid in target.Corpus)
        {
            if (!Give(target, valid, "undamaged"))
            {
                throw new FuzzException($"{target} refuses what it should accept: {Describe(valid)}");
            }
        }

        var mutator = new FuzzMutator(target.Corpus);
        var started = Stopwatch.GetTimestamp();
        var count = 0;
        do
        {
            // Each input has a seed of its own, so that it can be had again by itself.
            var seed = unchecked(Seed + count++);
            Give(target, mutator.Next(new Random(seed)), $"MESH_FUZZ_SEED={seed}");
        }
        while (Duration is { } duration ? Stopwatch.GetElapsedTime(started) < duration : count < Inputs);
        return count;
    }

    private static bool Give(FuzzTarget target, byte[] input, string origin)
    {
        var time = TimeSpan.MaxValue;
        var allocated = long.MaxValue;
        var limit = target.MaxBytes + ((long)target.MaxBytesPerByte * input.Length);

        // The first is slow because code is compiled, and a busy machine can stop any: the best of a few counts.
        for (var attempt = 0; ; attempt++)
        {
            bool isAccepted;
            var started = Stopwatch.GetTimestamp();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                isAccepted = target.Accepts(input);
            }
            catch (Exception exception)
            {
                throw new FuzzException($"{target}, {origin}: {exception.GetType().Name}: {exception.Message}, for {Describe(input)}", exception);
            }

            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            var elapsed = Stopwatch.GetElapsedTime(started);
            time = elapsed < time ? elapsed : time;
            if (time <= target.MaxTime && allocated <= limit)
            {
                return isAccepted;
            }

            if (attempt == Tries)
            {
                throw new FuzzException(
                    $"{target}, {origin}: {time.TotalMilliseconds:0} ms (at most {target.MaxTime.TotalMilliseconds:0}) and {allocated} bytes allocated (at most {limit}), for {Describe(input)}");
            }
        }
    }

    private static string Describe(byte[] input)
    {
        var text = new StringBuilder($"{input.Length} bytes: \"");
        foreach (var value in input.AsSpan(0, Math.Min(input.Length, ShownBytes)))
        {
            text.Append(value is >= 0x20 and < 0x7F and not (byte)'\\' and not (byte)'"' ? $"{(char)value}" : $"\\x{value:X2}");
        }

        return text.Append(input.Length > ShownBytes ? "..." : "\"").ToString();
    }
}
