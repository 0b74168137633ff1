using System.Text.Json.Serialization;

namespace Mesh.Grains.Regions;

/// <summary>When and where something was written. Stamps are in a total order: by time, then by region.</summary>
[JsonConverter(typeof(StampConverter))]
public readonly record struct Stamp(HybridTime Time, string Region) : IComparable<Stamp>
{
    public int CompareTo(Stamp other)
    {
        var byTime = Time.CompareTo(other.Time);
        return byTime != 0 ? byTime : string.CompareOrdinal(Region, other.Region);
    }

    public static bool TryParse(string? text, out Stamp stamp)
    {
        stamp = default;
        var at = text is null ? -1 : text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0 || !HybridTime.TryParse(text.AsSpan(0, at), out var time))
        {
            return false;
        }

        stamp = new Stamp(time, text![(at + 1)..]);
        return true;
    }

    public static bool operator <(Stamp left, Stamp right) => left.CompareTo(right) < 0;

    public static bool operator >(Stamp left, Stamp right) => left.CompareTo(right) > 0;

    public static bool operator <=(Stamp left, Stamp right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Stamp left, Stamp right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Time}@{Region}";
}
