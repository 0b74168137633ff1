using System.Buffers;
using System.Buffers.Binary;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;

namespace Mesh.Grains.Security.Gateway;

/// <summary>
/// The first fields of a message on Orleans' wire (10.x): two lengths of four bytes (header, body), then flags, id,
/// sender, target, and the silos of both. Only what does not depend on either side's state is read.
/// </summary>
/// <param name="TargetSilo">Read where it counts, which is for system targets; null where it is not given.</param>
internal readonly record struct MessageHead(
    MessageDirection Direction, bool HasRoutingAdvice, long Id, GrainId Sender, GrainId Target, SiloAddress? TargetSilo)
{
    /// <summary>The two lengths before every message.</summary>
    public const int PrefixLength = 8;

    private const uint RoutingAdviceFlag = 1 << 7;
    private const int DirectionShift = 16;
    private const uint DirectionMask = 0xF;

    /// <summary>A grain's type and key may not be longer together than what a sane name needs.</summary>
    private const int MaxLength = 8 << 10;

    /// <exception cref="DeniedException">A length is negative.</exception>
    public static (int Header, int Body) ReadLengths(ReadOnlySpan<byte> prefix)
    {
        var header = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        var body = BinaryPrimitives.ReadInt32LittleEndian(prefix[4..]);
        return header > 0 && body >= 0 ? (header, body) : throw new DeniedException(DenialReason.Malformed, "a message of no length");
    }

    /// <returns>False when the bytes are no header, or end in the middle of these fields.</returns>
    public static bool TryRead(ReadOnlySequence<byte> header, out MessageHead head)
    {
        var start = header.Length > MaxLength ? header.Slice(0, MaxLength) : header;
        if (start.IsSingleSegment)
        {
            return TryRead(start.FirstSpan, out head);
        }

        var copy = ArrayPool<byte>.Shared.Rent((int)start.Length);
        try
        {
            start.CopyTo(copy);
            return TryRead(copy.AsSpan(0, (int)start.Length), out head);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> header, out MessageHead head)
    {
        try
        {
            // The fields use nothing of a session.
            var reader = Reader.Create(header, session: null!);
            var flags = reader.ReadUInt32();
            var id = reader.ReadInt64();
            var sender = ReadGrainId(ref reader);
            var target = ReadGrainId(ref reader);
            SiloAddress? silo = null;
            if (target.IsSystemTarget())
            {
                reader.Skip(reader.ReadVarUInt32());
                silo = ReadSilo(ref reader);
            }

            head = new MessageHead(
                (MessageDirection)((flags >> DirectionShift) & DirectionMask), (flags & RoutingAdviceFlag) != 0, id, sender, target, silo);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException or EndOfStreamException)
        {
            head = default;
            return false;
        }
    }

    private static GrainId ReadGrainId<TInput>(ref Reader<TInput> reader) =>
        GrainId.Create(new GrainType(IdSpanCodec.ReadRaw(ref reader)), IdSpanCodec.ReadRaw(ref reader));

    private static SiloAddress? ReadSilo<TInput>(ref Reader<TInput> reader)
    {
        if (reader.ReadVarUInt32() == 0)
        {
            return null;
        }

        _ = reader.ReadInt32();
        var address = IPAddressCodec.ReadRaw(ref reader);
        return SiloAddress.New(address, (int)reader.ReadVarUInt32(), reader.ReadInt32());
    }
}
