namespace Mesh.Proxy.Balancing;

/// <summary>
/// Numbers that follow from a 64-bit hash and look independent of it (splitmix64; Steele, Lea and Flood, OOPSLA 2014).
/// All proxies of a mesh, of whichever version, must compute the same.
/// </summary>
internal static class HashMixer
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    public static ulong Next(ulong hash) => Mix(unchecked(hash + Golden));

    /// <summary>The number at <paramref name="index"/> of the row that begins with <paramref name="seed"/>.</summary>
    public static ulong At(ulong seed, int index) => Mix(unchecked(seed + (((ulong)index + 1) * Golden)));

    /// <summary>From 0 to 1, exclusive.</summary>
    public static double Fraction(ulong hash) => (Mix(hash) >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
            value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
            return value ^ (value >> 31);
        }
    }
}
