using System.Buffers;
using System.Net;
using System.Text;
using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Audit;
using Mesh.Grains.Identity;
using Mesh.Grains.Links;
using Mesh.Grains.Regions;
using Mesh.Grains.Security.Gateway;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Mesh.Testing.Fuzzing;
using Mesh.Testing.Identity;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Session;

namespace Mesh.Grains.Tests.Fuzzing;

/// <summary>Everything of this assembly that reads what proxies, peers and the store send.</summary>
public class ParserFuzzTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly SerializerSessionPool Sessions = new ServiceCollection()
        .AddSerializer(static builder => builder.AddAssembly(typeof(GrainId).Assembly).AddAssembly(Type.GetType("Orleans.Runtime.Message, Orleans.Core", throwOnError: true)!.Assembly))
        .BuildServiceProvider().GetRequiredService<SerializerSessionPool>();

    private static readonly PreambleReader Preambles = new(Sessions);

    private static readonly FuzzTarget[] Targets =
    [
        FuzzTarget.Text("readings of clocks", ["0.0", "1700000000000.3", "253402300799999.2147483647"], static text =>
        {
            var isAccepted = HybridTime.TryParse(text, out var time);
            Assert.True(!isAccepted || (HybridTime.TryParse(time.ToString(), out var again) && again == time));
            _ = time.ToDateTimeOffset();
            return isAccepted;
        }),
        FuzzTarget.Text("stamps", ["1.2@eu", "1700000000000.0@us"], static text =>
        {
            var isAccepted = Stamp.TryParse(text, out var stamp);
            Assert.True(!isAccepted || (Stamp.TryParse(stamp.ToString(), out var again) && again == stamp));
            return isAccepted;
        }),
        FuzzTarget.Text("join tokens", [TokenText.Join.Make().Token], static text =>
        {
            var isAccepted = TokenText.Join.TryParse(text, out var id, out _);
            Assert.True(!isAccepted || TokenText.IsId(id));
            return isAccepted;
        }),
        FuzzTarget.Text("ids in the audit log", [new AuditId(TimeProvider.System).Next()], static text => AuditId.IsValid(text)),
        FuzzTarget.Text("heartbeats", ["2026-01-01T00:00:00.0000000+00:00", "9999-12-31T23:59:59Z"], static text =>
            Heartbeat.Of([text, text])!.At is not null),
        new FuzzTarget("stored records", [MeshJson.Encode(Record()), MeshJson.Encode(Record() with { Format = 1 })], static bytes =>
        {
            try
            {
                var record = RecordUpgrade.Apply(StoredJson.Decode<ServiceRecord>(bytes, "key"), "eu");
                PeerRecordCheck.EnsureUsable(record, "eu", Now);
                Assert.True(MeshJson.Same(record, StoredJson.Decode<ServiceRecord>(MeshJson.Encode(record), "key")));
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }) with { MaxBytes = 1 << 20, MaxBytesPerByte = 1 << 10 },
        Stored("cursors of links", new LinkCursor([new LinkPlace("epoch", 7)], Now)),
        Stored("stored join tokens", new StoredJoinToken
        {
            Id = "0123456789abcdef", Hash = "hash", Service = new ServiceName("shop", "web"), Uses = 1, CreatedAt = Now, ExpiresAt = Now,
        }),
        FuzzTarget.Text("files of an authority", [TestAuthority.Make(Now).Pem], static text =>
        {
            try
            {
                return AuthorityFiles.ReadRoots(text).Count > 0;
            }
            catch (AuthorityException)
            {
                return false;
            }
        }) with { MaxBytes = 1 << 20 },
        new FuzzTarget("heads of messages", [Head(GrainId.Create("gateway", "p")), Head(GrainId.Create("sys.svc.ping", "k"))], static bytes =>
        {
            var isAccepted = MessageHead.TryRead(new ReadOnlySequence<byte>(bytes), out var head);
            Assert.Equal(isAccepted, MessageHead.TryRead(Split(bytes), out var again));
            Assert.Equal(head, again);
            return isAccepted;
        }),
        new FuzzTarget("lengths of messages", [[1, 0, 0, 0, 0, 0, 0, 0]], static bytes =>
        {
            try
            {
                var (header, body) = MessageHead.ReadLengths(bytes.AsSpan().Length < MessageHead.PrefixLength ? new byte[MessageHead.PrefixLength] : bytes);
                Assert.True(header > 0 && body >= 0);
                return true;
            }
            catch (DeniedException)
            {
                return false;
            }
        }),
        new FuzzTarget("what connections begin with", [Preamble()], static bytes =>
        {
            try
            {
                _ = Preambles.Read(Split(bytes.Length > PreambleReader.MaxLength ? bytes[..PreambleReader.MaxLength] : bytes));
                return true;
            }
            catch (DeniedException)
            {
                return false;
            }
        }) with { MaxBytesPerByte = 1 << 10 },
    ];

    public static TheoryData<string> Names => [.. Targets.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_gets_a_parser_to_fail(string name) => Assert.True(Fuzz.Run(Targets.Single(target => target.Name == name)) > 0);

    /// <summary>Something that the store keeps as JSON.</summary>
    private static FuzzTarget Stored<T>(string name, T valid)
        where T : class =>
        new(name, [MeshJson.Encode(valid)], static bytes =>
        {
            try
            {
                var value = StoredJson.Decode<T>(bytes, "key");
                Assert.True(MeshJson.Same(value, StoredJson.Decode<T>(MeshJson.Encode(value), "key")));
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        });

    private static ServiceRecord Record() => new()
    {
        Service = new ServiceName("shop", "web"),
        Revision = 3,
        UpdatedAt = Now,
        Spec = new ServiceSpec { Hosts = ["web.example"] },
        Clock = new HybridTime(1_700_000_000_000, 3),
        Registers = new Dictionary<string, Register> { ["exists"] = new() { At = new Stamp(new HybridTime(1_700_000_000_000, 2), "eu") } },
        Sections = new Dictionary<string, EndpointSection> { ["eu"] = new(new HybridTime(1_700_000_000_000, 1), default) },
    };

    private static byte[] Head(GrainId target)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = Writer.Create(buffer, null!);
        writer.WriteUInt32(0);
        writer.WriteInt64(7);
        foreach (var id in (GrainId[])[GrainId.Create("client", "c"), target])
        {
            IdSpanCodec.WriteRaw(ref writer, id.Type.Value);
            IdSpanCodec.WriteRaw(ref writer, id.Key);
        }

        if (target.IsSystemTarget())
        {
            writer.WriteVarUInt32(0);
            writer.WriteVarUInt32(1);
            writer.WriteInt32(0);
            IPAddressCodec.WriteRaw(ref writer, IPAddress.Loopback);
            writer.WriteVarUInt32(11111);
            writer.WriteInt32(1);
        }

        writer.Commit();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Preamble()
    {
        var type = Type.GetType("Orleans.Runtime.Messaging.ConnectionPreamble, Orleans.Core", throwOnError: true)!;
        var preamble = Activator.CreateInstance(type, nonPublic: true)!;
        type.GetProperty("NodeIdentity")!.SetValue(preamble, GrainId.Create("sys.client", "c"));
        var buffer = new ArrayBufferWriter<byte>();
        using var session = Sessions.GetSession();
        var writer = Writer.Create(buffer, session);
        ((IFieldCodec)session.CodecProvider.GetCodec(type)).WriteField(ref writer, 0, type, preamble);
        writer.Commit();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>As a connection delivers it: in pieces.</summary>
    private static ReadOnlySequence<byte> Split(byte[] bytes)
    {
        var first = new Piece(bytes.AsMemory(0, bytes.Length / 2), null);
        var last = new Piece(bytes.AsMemory(bytes.Length / 2), first);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                before.Next = this;
                RunningIndex = before.RunningIndex + before.Memory.Length;
            }
        }
    }
}
