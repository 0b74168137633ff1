using System.Globalization;
using System.Security.Cryptography;
using Mesh.Proxy.Services;
using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// Ends requests that go round in circles, by the names that proxies leave in <c>Via</c> (RFC 9110, section 7.6.3).
/// </summary>
/// <remarks>
/// An application that copies <c>Via</c> from the request it handles to those it makes, as other proxies do, may call
/// several services through the same proxy, and that is no loop. Going through the same proxy for the same service
/// again is: so the name an outbound listener leaves stands for both.
/// </remarks>
internal sealed class Via
{
    /// <summary>How many listeners of the mesh a request may have passed: each sidecar to sidecar call passes two.</summary>
    public const int MaxHops = 20;

    private const string Prefix = "mesh-";

    /// <summary>Unlike every other process's, also after a restart.</summary>
    private readonly string _id = RandomNumberGenerator.GetHexString(12, lowercase: true);

    public Via() => Inbound = new ViaEntry($"{Prefix}{_id}-in");

    public ViaEntry Inbound { get; }

    /// <summary>What the outbound listener appends to requests for a service. It does not tell the service's name to who reads it.</summary>
    public ViaEntry EntryOf(ServiceState service) =>
        service.Via ??= new ViaEntry(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{_id}-{(uint)service.Name.GetHashCode():x8}"));

    /// <returns>Why a request must not go on to a service; null when it may.</returns>
    public static string? FindLoop(StringValues via, ViaEntry own) => Check(via, own, isLastOnly: false);

    /// <summary>
    /// The application may well be called again for what it called itself; but what comes straight back has met nobody.
    /// </summary>
    /// <inheritdoc cref="FindLoop" path="/returns"/>
    public string? FindInboundLoop(StringValues via) => Check(via, Inbound, isLastOnly: true);

    private static string? Check(StringValues via, ViaEntry own, bool isLastOnly)
    {
        if (via.Count == 0)
        {
            return null;
        }

        var hops = 0;
        var isLoop = false;
        foreach (var line in via)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var name = NameOf(line.AsSpan(range));
                isLoop = name.SequenceEqual(own.Pseudonym) || (isLoop && !isLastOnly);
                hops += name.StartsWith(Prefix, StringComparison.Ordinal) ? 1 : 0;
            }
        }

        return isLoop ? $"the request comes back to where it has been: Via has {own.Pseudonym}; look for an endpoint, or an application's port, that is a proxy's own"
            : hops >= MaxHops ? $"the request has passed {hops} listeners of the mesh, and {MaxHops} are allowed: it seems to go round in circles"
            : null;
    }

    /// <summary>The second word of <c>1.1 name (comment)</c>.</summary>
    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> entry)
    {
        entry = entry.Trim();
        var name = entry[(entry.IndexOf(' ') + 1)..].TrimStart();
        var end = name.IndexOf(' ');
        return end < 0 ? name : name[..end];
    }
}
