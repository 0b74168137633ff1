using System.Buffers;
using System.Buffers.Binary;
using Mesh.Abstractions.Connections;
using Mesh.Grains.Push;

namespace Mesh.Grains.Security.Gateway;

/// <summary>
/// Looks at the messages of one connection of a client. What an honest client can never send ends the connection; what
/// is addressed to something that is not for proxies is left out.
/// </summary>
internal sealed class GatewayInspector(
    GatewayLimits options, PreambleReader preambles, GatewayTargets targets, GatewayClients clients, GatewaySilos silos, Denials denials, PushSender sender, PeerIdentity? identity, string peer,
    TimeProvider time)
    : IDisposable
{
    private GatewayClient? _client;

    public static long PreambleLength(ReadOnlySpan<byte> written) => PreambleReader.PrefixLength + BinaryPrimitives.ReadInt32LittleEndian(written);

    /// <exception cref="DeniedException">The connection has to end.</exception>
    public GatewayReader.Piece Look(ReadOnlySequence<byte> rest, bool isPreamble)
    {
        try
        {
            return isPreamble ? LookAtPreamble(rest) : LookAtMessage(rest);
        }
        catch (DeniedException exception)
        {
            throw Deny(exception);
        }
    }

    /// <summary>A message begins that the silo sends.</summary>
    /// <returns>Its length.</returns>
    public long Sent(ReadOnlySpan<byte> start)
    {
        var (header, body) = MessageHead.ReadLengths(start);
        if (MessageHead.TryRead(start[MessageHead.PrefixLength..], out var head) && head.Direction == MessageDirection.Request)
        {
            _client?.Ask(head.Id, head.Sender, time);
        }

        return MessageHead.PrefixLength + (long)header + body;
    }

    public DeniedException Deny(DeniedException exception)
    {
        denials.Count(exception.Reason, peer, exception.Message);
        return exception;
    }

    public void Dispose()
    {
        if (_client is not null)
        {
            clients.Disconnect(_client);
        }
    }

    private GatewayReader.Piece LookAtPreamble(ReadOnlySequence<byte> rest)
    {
        if (rest.Length < PreambleReader.PrefixLength)
        {
            return default;
        }

        Span<byte> prefix = stackalloc byte[PreambleReader.PrefixLength];
        rest.Slice(0, prefix.Length).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length is < 1 or > PreambleReader.MaxLength)
        {
            throw new DeniedException(DenialReason.Malformed, "a connection that does not begin as an Orleans client's");
        }

        if (rest.Length < prefix.Length + length)
        {
            return default;
        }

        _client = clients.Connect(preambles.Read(rest.Slice(prefix.Length, length)), identity);
        return new GatewayReader.Piece(IsComplete: true, prefix.Length + length, IsGood: true, IsPreamble: true);
    }

    private GatewayReader.Piece LookAtMessage(ReadOnlySequence<byte> rest)
    {
        if (rest.Length < MessageHead.PrefixLength)
        {
            return default;
        }

        Span<byte> prefix = stackalloc byte[MessageHead.PrefixLength];
        rest.Slice(0, prefix.Length).CopyTo(prefix);
        var (header, body) = MessageHead.ReadLengths(prefix);
        if (header > options.MaxHeaderBytes || body > options.MaxBodyBytes)
        {
            throw new DeniedException(DenialReason.Size, $"a message of {(long)header + body} bytes");
        }

        var length = (long)prefix.Length + header + body;
        if (rest.Length < length)
        {
            return default;
        }

        return MessageHead.TryRead(rest.Slice(prefix.Length, header), out var head)
            ? new GatewayReader.Piece(IsComplete: true, length, IsGood(head), IsPreamble: false)
            : throw new DeniedException(DenialReason.Malformed, "a message whose header cannot be read");
    }

    private bool IsGood(in MessageHead head)
    {
        if (!_client!.Owns(head.Sender))
        {
            throw new DeniedException(DenialReason.Source, $"a message that says it is from {head.Sender}");
        }

        if (head.HasRoutingAdvice)
        {
            return LeaveOut(DenialReason.Routing, "a message with advice on where grains are");
        }

        if (head.Target.IsSystemTarget() && !silos.Contains(head.TargetSilo))
        {
            return LeaveOut(DenialReason.Routing, $"a message for {head.TargetSilo?.ToString() ?? "no silo"}, which is no silo of this cluster");
        }

        return head.Direction switch
        {
            MessageDirection.Request or MessageDirection.OneWay =>
                targets.Contains(head.Target.Type) || LeaveOut(DenialReason.Target, $"a call of {head.Target}, which is not for proxies"),
            MessageDirection.Response =>
                _client.TryAnswer(head.Id, head.Target) || IsForOtherSender(head.Target)
                    || LeaveOut(DenialReason.Answer, $"an answer to {head.Target}, which has not asked"),
            _ => throw new DeniedException(DenialReason.Malformed, "a message that is neither a request nor an answer"),
        };
    }

    /// <summary>What another silo pushed; see <see cref="PushSender"/>.</summary>
    private bool IsForOtherSender(GrainId target) => target.Type == PushSender.Type && target != sender.GrainId;

    private bool LeaveOut(string reason, string detail)
    {
        denials.Count(reason, peer, detail);
        return false;
    }
}
