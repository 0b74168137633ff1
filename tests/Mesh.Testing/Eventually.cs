using System.Diagnostics;

namespace Mesh.Testing;

/// <summary>Waits for a condition, with a name and a deadline.</summary>
public static class Eventually
{
    /// <summary>10 s: long enough for a busy machine, short enough to notice.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Asks until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not hold by the deadline; the message has <paramref name="what"/> and the last exception.</exception>
    public static Task Holds(string what, Func<Task<bool>> condition, TimeSpan? deadline = null) =>
        Yields(what, async () => await condition() ? "yes" : null, deadline);

    /// <inheritdoc cref="Holds(string, Func{Task{bool}}, TimeSpan?)"/>
    public static Task Holds(string what, Func<bool> condition, TimeSpan? deadline = null) =>
        Holds(what, () => Task.FromResult(condition()), deadline);

    /// <summary>Asks until <paramref name="probe"/> yields something.</summary>
    /// <exception cref="TimeoutException">It yielded nothing by the deadline.</exception>
    public static async Task<T> Yields<T>(string what, Func<Task<T?>> probe, TimeSpan? deadline = null)
        where T : class
    {
        var limit = deadline ?? Deadline;
        var started = Stopwatch.GetTimestamp();
        Exception? last = null;
        do
        {
            try
            {
                if (await probe() is { } found)
                {
                    return found;
                }
            }
            catch (Exception exception) when (exception is not TimeoutException)
            {
                last = exception;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
        while (Stopwatch.GetElapsedTime(started) < limit);

        throw new TimeoutException($"{what}: not within {limit.TotalSeconds:0.#} s", last);
    }
}
