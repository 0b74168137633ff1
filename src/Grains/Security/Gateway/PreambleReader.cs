using System.Buffers;
using System.Reflection;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Session;

namespace Mesh.Grains.Security.Gateway;

/// <summary>Reads which client a connection says it is: the first thing it sends, four bytes of length and an object of Orleans' own.</summary>
internal sealed class PreambleReader(SerializerSessionPool sessions)
{
    public const int PrefixLength = 4;

    /// <summary>Orleans' own limit.</summary>
    public const int MaxLength = 1024;

    private static readonly Type PreambleType = Type.GetType("Orleans.Runtime.Messaging.ConnectionPreamble, Orleans.Core", throwOnError: true)!;
    private static readonly PropertyInfo Client = PreambleType.GetProperty("NodeIdentity")
        ?? throw new MissingMemberException(PreambleType.FullName, "NodeIdentity");

    /// <exception cref="DeniedException">The bytes are no preamble of a client.</exception>
    public GrainId Read(ReadOnlySequence<byte> payload)
    {
        try
        {
            using var session = sessions.GetSession();
            var reader = Reader.Create(payload, session);
            var field = reader.ReadFieldHeader();
            var preamble = ((IFieldCodec)sessions.CodecProvider.GetCodec(PreambleType)).ReadValue(ref reader, field);
            return (GrainId)Client.GetValue(preamble)!;
        }
        catch (Exception exception)
        {
            throw new DeniedException(DenialReason.Malformed, $"a first message that cannot be read ({exception.Message})");
        }
    }
}
