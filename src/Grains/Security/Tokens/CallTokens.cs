using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Serialization.Invocation;

namespace Mesh.Grains.Security.Tokens;

/// <summary>
/// Proofs that a call was made by a silo: an HMAC-SHA256 (RFC 2104), cut to 16 bytes, under a secret that only silos
/// have, of who made it (a number drawn at start), the how-manieth it is, the grain it is for, and its interface and
/// method, with those of a request inside. Each is good for one call. No clock is involved: silos whose clocks differ
/// still understand each other.
/// </summary>
internal sealed class CallTokens
{
    public const int Length = 32;

    /// <summary>The least a secret must have.</summary>
    public const int MinSecretLength = 32;

    private const int MacOffset = 16;

    /// <summary>More makers than this are silos that are gone; those that were heard of longest ago are forgotten.</summary>
    private const int MaxMakers = 256;

    private static readonly ConcurrentDictionary<Type, byte[]> Methods = new();

    private readonly ConcurrentDictionary<ulong, SeenCalls> _seen = new();
    private readonly byte[] _secret;
    private readonly ulong _maker = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private readonly TimeProvider _time;
    private long _count;

    public CallTokens(IOptions<CallTokenOptions> options, TimeProvider time)
    {
        _secret = options.Value.Secret;
        _time = time;
        IsRequired = options.Value.IsRequired;
        if (_secret.Length is > 0 and < MinSecretLength || (IsRequired && _secret.Length == 0))
        {
            throw new InvalidOperationException($"The cluster's secret has {_secret.Length} bytes; it needs at least {MinSecretLength}.");
        }
    }

    public bool IsRequired { get; }

    public bool CanMake => _secret.Length > 0;

    public byte[] Make(GrainId target, IInvokable request)
    {
        var token = new byte[Length];
        BinaryPrimitives.WriteUInt64LittleEndian(token, _maker);
        BinaryPrimitives.WriteInt64LittleEndian(token.AsSpan(sizeof(ulong)), Interlocked.Increment(ref _count));
        Compute(token.AsSpan(0, MacOffset), target, request, token.AsSpan(MacOffset));
        return token;
    }

    /// <returns>Whether a silo made this for this call, and it was not used before.</returns>
    public bool Use(ReadOnlySpan<byte> token, GrainId target, IInvokable request)
    {
        if (token.Length != Length || !CanMake)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[Length - MacOffset];
        Compute(token[..MacOffset], target, request, expected);
        return CryptographicOperations.FixedTimeEquals(expected, token[MacOffset..])
            && SeenOf(BinaryPrimitives.ReadUInt64LittleEndian(token)).TryAdd(BinaryPrimitives.ReadInt64LittleEndian(token[sizeof(ulong)..]));
    }

    private SeenCalls SeenOf(ulong maker)
    {
        if (!_seen.TryGetValue(maker, out var seen))
        {
            if (_seen.Count >= MaxMakers && _seen.MinBy(static pair => pair.Value.LastAt) is { Value: not null } oldest)
            {
                _seen.TryRemove(oldest);
            }

            seen = _seen.GetOrAdd(maker, static _ => new SeenCalls());
        }

        seen.LastAt = _time.GetTimestamp();
        return seen;
    }

    private void Compute(ReadOnlySpan<byte> head, GrainId target, IInvokable request, Span<byte> destination)
    {
        var method = MethodOf(request);
        var type = target.Type.AsSpan();
        var key = target.Key.AsSpan();
        var inner = InnerOf(request);
        var innerMethod = inner is null ? [] : MethodOf(inner);
        var length = head.Length + (4 * sizeof(int)) + type.Length + key.Length + method.Length + innerMethod.Length;
        var message = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var rest = message;
        head.CopyTo(rest);
        rest = rest[head.Length..];
        Append(ref rest, type);
        Append(ref rest, key);
        Append(ref rest, method);
        Append(ref rest, innerMethod);

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, message, mac);
        mac[..destination.Length].CopyTo(destination);
    }

    /// <summary>With its length first, so that no two different calls look the same.</summary>
    private static void Append(ref Span<byte> rest, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteInt32LittleEndian(rest, part.Length);
        part.CopyTo(rest[sizeof(int)..]);
        rest = rest[(sizeof(int) + part.Length)..];
    }

    private static byte[] MethodOf(IInvokable request) => Methods.TryGetValue(request.GetType(), out var method)
        ? method
        : Methods.GetOrAdd(request.GetType(), Encoding.UTF8.GetBytes($"{request.GetInterfaceName()}/{request.GetMethodName()}"));

    /// <summary>The start of an asynchronous enumeration carries the real request inside.</summary>
    internal static IInvokable? InnerOf(IInvokable request)
    {
        for (var i = 0; i < request.GetArgumentCount(); i++)
        {
            if (request.GetArgument(i) is IInvokable inner)
            {
                return inner;
            }
        }

        return null;
    }
}
