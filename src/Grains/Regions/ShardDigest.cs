namespace Mesh.Grains.Regions;

/// <summary>
/// The digests of a shard's services in one number, whatever their order; a change is applied without looking at the
/// others. Two regions with equal digests of a shard need not compare its services. Not proof against forgery.
/// </summary>
/// <param name="Value">The exclusive or of <see cref="ServiceDigest"/>s, which undoes itself.</param>
public readonly record struct ShardDigest(UInt128 Value)
{
    public static ShardDigest Of(IEnumerable<UInt128> services) =>
        services.Aggregate(default(ShardDigest), static (digest, service) => digest.Replace(UInt128.Zero, service));

    /// <param name="before">The service's digest until now; 0 when it is new to the shard.</param>
    /// <param name="after">0 when it leaves the shard.</param>
    public ShardDigest Replace(UInt128 before, UInt128 after) => new(Value ^ before ^ after);

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
