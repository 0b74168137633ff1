using System.Text.Json;

namespace Mesh.Grains.Regions;

/// <summary>A register with its value, as JSON; null when it was deleted.</summary>
internal readonly record struct RegisterState(Register Register, string? Json) : IComparable<RegisterState>
{
    /// <summary>
    /// By stamp. Two values of one stamp come from a program before that dropped what it did not know, or from a region
    /// whose store and clock both went back. Their texts then decide, so that all regions choose the same, and the longer
    /// one goes before: it is the one that nothing was dropped from.
    /// </summary>
    public int CompareTo(RegisterState other)
    {
        var byStamp = Register.At.CompareTo(other.Register.At);
        var byLength = (Json?.Length ?? -1).CompareTo(other.Json?.Length ?? -1);
        return (byStamp, byLength) switch
        {
            (not 0, _) => byStamp,
            (_, not 0) => byLength,
            _ => string.CompareOrdinal(Json, other.Json),
        };
    }

    public static RegisterState Join(RegisterState left, RegisterState right)
    {
        return left.CompareTo(right) >= 0 ? left.JoinLosing(right) : right.JoinLosing(left);
    }

    /// <summary>This write, and of all others those that no other has replaced.</summary>
    public RegisterState JoinLosing(RegisterState loser)
    {
        var winner = this;
        if (loser.Register.Lost is null && winner.Register.Lost is null && winner.Register.HasHeardOf(loser.Register.At))
        {
            return winner;
        }

        LostWrite[] writes = [.. winner.Register.Lost ?? [], loser.ToLost(), .. loser.Register.Lost ?? []];
        var lost = writes
            .DistinctBy(static write => write.At)
            .Where(write => write.At != winner.Register.At
                && !Register.IsReplaced(write.At, winner.Register.At, winner.Register.Over)
                && !Array.Exists(writes, other => Register.IsReplaced(write.At, other.At, other.Over)))
            .OrderBy(static write => write.At)
            .ToList();
        return winner with { Register = winner.Register with { Lost = lost.Count == 0 ? null : lost } };
    }

    public LostWrite ToLost() => new()
    {
        At = Register.At,
        Over = Register.Over,
        Value = Json is null ? null : JsonSerializer.Deserialize<JsonElement>(Json),
    };
}
