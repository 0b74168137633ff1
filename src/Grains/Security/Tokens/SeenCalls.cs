namespace Mesh.Grains.Security.Tokens;

/// <summary>
/// Which of a silo's calls were seen here: the newest number, and a bit for each of the 2^18 before it. Calls overtake
/// each other; one that many numbers late has long been given up by who made it. (The anti-replay window of RFC 4303, 3.4.3.)
/// </summary>
internal sealed class SeenCalls
{
    public const int Window = 1 << 18;

    private readonly Lock _lock = new();
    private readonly ulong[] _bits = new ulong[Window / 64];
    private long _newest;

    public long LastAt { get; set; }

    /// <returns>False when the call was seen before, or is too old to know.</returns>
    public bool TryAdd(long number)
    {
        lock (_lock)
        {
            if (number <= 0 || number <= _newest - Window)
            {
                return false;
            }

            if (number > _newest)
            {
                Forget(number);
                _newest = number;
            }

            ref var bits = ref _bits[(number % Window) / 64];
            var bit = 1ul << (int)(number % 64);
            if ((bits & bit) != 0)
            {
                return false;
            }

            bits |= bit;
            return true;
        }
    }

    /// <summary>Clears the places of the numbers from the newest to a newer one.</summary>
    private void Forget(long number)
    {
        if (number - _newest >= Window)
        {
            Array.Clear(_bits);
            return;
        }

        for (var one = _newest + 1; one <= number; one++)
        {
            _bits[(one % Window) / 64] &= ~(1ul << (int)(one % 64));
        }
    }
}
