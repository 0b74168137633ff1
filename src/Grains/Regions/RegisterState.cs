namespace Mesh.Grains.Regions;

/// <summary>A register with its value, as JSON; null when it was deleted.</summary>
internal readonly record struct RegisterState(Register Register, string? Json) : IComparable<RegisterState>
{
    /// <summary>
    /// By stamp. Two writes of one stamp can only come from a region whose store and clock both went back; their values
    /// then decide, so that all regions choose the same.
    /// </summary>
    public int CompareTo(RegisterState other)
    {
        var byStamp = Register.At.CompareTo(other.Register.At);
        return byStamp != 0 ? byStamp : string.CompareOrdinal(Json, other.Json);
    }

    public static RegisterState Join(RegisterState left, RegisterState right)
    {
        var (winner, loser) = left.CompareTo(right) >= 0 ? (left, right) : (right, left);
        return winner with { Register = Register.Join(winner.Register, loser.Register) };
    }
}
