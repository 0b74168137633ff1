namespace Mesh.Proxy.Access.Tokens;

/// <summary>The keys behind one JWKS URL: those that were read last, and when to read again. One fetch at a time.</summary>
internal sealed class KeySet(Func<CancellationToken, Task<string>> fetch, TimeProvider time)
{
    /// <summary>A key that was taken out stops counting after this.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromMinutes(5);

    /// <summary>Tokens with invented key ids must not become as many fetches.</summary>
    public static readonly TimeSpan UnknownKeyInterval = TimeSpan.FromSeconds(30);

    /// <summary>Between fetches that failed while there are no keys at all; requests are refused at once meanwhile.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private volatile SigningKeys? _keys;
    private Task? _running;
    private long _tried = long.MinValue;

    /// <summary>When it was last asked for (<see cref="TimeProvider.GetTimestamp"/>).</summary>
    public long LastUsed { get; private set; } = time.GetTimestamp();

    /// <summary>The keys there are; waits only when there never were any. Has them read again when they are old, in the background.</summary>
    /// <returns>Null when they could not be read.</returns>
    public ValueTask<SigningKeys?> GetAsync(CancellationToken cancellationToken)
    {
        LastUsed = time.GetTimestamp();
        if (_keys is not { } keys)
        {
            return new ValueTask<SigningKeys?>(FetchedAsync(RetryInterval, cancellationToken));
        }

        if (IsDue(Refresh))
        {
            _ = Start(Refresh);
        }

        return new ValueTask<SigningKeys?>(keys);
    }

    /// <summary>The keys after they were read again for one that is not among them, where that may be done now.</summary>
    public Task<SigningKeys?> GetForUnknownKeyAsync(CancellationToken cancellationToken) => FetchedAsync(UnknownKeyInterval, cancellationToken);

    private async Task<SigningKeys?> FetchedAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        await Start(interval).WaitAsync(cancellationToken);
        return _keys;
    }

    private bool IsDue(TimeSpan interval) =>
        Volatile.Read(ref _tried) is var tried && (tried == long.MinValue || time.GetElapsedTime(tried) >= interval);

    /// <summary>The fetch that runs, or a new one when the last is long enough ago. Never fails.</summary>
    private Task Start(TimeSpan interval)
    {
        lock (_lock)
        {
            if (_running is { IsCompleted: false })
            {
                return _running;
            }

            if (!IsDue(interval))
            {
                return Task.CompletedTask;
            }

            // Not on the thread of the request, which may not have to wait.
            Volatile.Write(ref _tried, time.GetTimestamp());
            return _running = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(FetchTimeout, time);
            var json = await fetch(timeout.Token);

            // The same keys stay the same object: tokens that were verified with them need not be again.
            if (!string.Equals(_keys?.Json, json, StringComparison.Ordinal))
            {
                _keys = new SigningKeys(json);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The last good ones stay. What the server said is nobody's to read in a log.
        }
        finally
        {
            Volatile.Write(ref _tried, time.GetTimestamp());
        }
    }
}
