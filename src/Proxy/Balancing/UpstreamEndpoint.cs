using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Regions;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Balancing;

/// <summary>An endpoint as the forwarder needs it. Immutable but for <see cref="Stats"/>, which it may share with its predecessor.</summary>
/// <param name="isGateway">It is a gateway of another region, in the place of endpoints there.</param>
/// <param name="tls">How it is called when it has no identity; null for plaintext.</param>
/// <param name="isStrict">If it has an identity, it takes no plaintext.</param>
internal sealed class UpstreamEndpoint(Endpoint endpoint, ServiceProtocol protocol, EndpointStats stats, bool isGateway = false, TlsOrigin? tls = null, bool isStrict = false)
{
    public Endpoint Endpoint { get; } = endpoint;

    public ServiceProtocol Protocol { get; } = protocol;

    public EndpointStats Stats { get; } = stats;

    /// <summary>Requests have to say which service they are for.</summary>
    public bool IsGateway { get; } = isGateway;

    /// <summary>Host and port, an IPv6 address in brackets.</summary>
    public string Address { get; } = AddressOf(endpoint.Host, endpoint.Port);

    /// <summary>What a request's path is appended to.</summary>
    public string Prefix { get; } = $"http://{AddressOf(endpoint.Host, endpoint.Port)}";

    /// <summary>TLS to an endpoint that is no proxy of the mesh; null for none.</summary>
    public TlsOrigin? Tls { get; } = endpoint.Identity is null && !isGateway ? tls : null;

    /// <summary>A caller that has lost its certificate must not send it what it will refuse, for all to read.</summary>
    public bool IsStrict { get; } = isStrict && endpoint.Identity is not null;

    /// <summary>Stands for address and identity in requests by TLS; null when the endpoint is called in plaintext.</summary>
    public string? SecureHost { get; } = endpoint.Identity is { } identity ? SecureHostOf($"{identity} {endpoint.Host}")
        : tls is not null && !isGateway ? SecureHostOf($"tls {tls.Key} {endpoint.Host}")
        : null;

    /// <summary>
    /// What such a request's path is appended to. Servers outside of the mesh compare the scheme with what they see (RFC 9113,
    /// section 8.3.1); a client takes the dialer's TLS for its own.
    /// </summary>
    public string? SecurePrefix => field ??= SecureHost is null ? null : $"{(Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps)}://{SecureHost}:{Endpoint.Port}";

    /// <summary>Whether new requests may go there.</summary>
    public bool IsSelectable => PoolMember.IsSelectable(Endpoint);

    /// <summary>Whether it counts among its peers: it does unless it leaves by plan.</summary>
    public bool IsMember => Endpoint is { State: not EndpointState.Draining, Weight: > 0 };

    /// <summary>Whether requests of sessions that began there may still go there.</summary>
    public bool KeepsSessions => Endpoint.State is EndpointState.Ready or EndpointState.Draining;

    /// <summary>What must be equal for the measurements of one to be those of the other.</summary>
    public EndpointKey Key => new(Endpoint.Region, Endpoint.Id, Endpoint.Host, Endpoint.Port);

    /// <summary>Identifies the instance to all proxies, wherever it moves: of its region and id.</summary>
    public ulong IdentityHash => TextHash.Of($"{Endpoint.Region}/{Endpoint.Id}");

    /// <summary>128 bits of SHA-256: nobody finds another address and identity with the same.</summary>
    private static string SecureHostOf(string text) =>
        string.Concat(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)), MeshTls.NameSuffix);

    private static string AddressOf(string host, int port) =>
        IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{address}]:{port}"
            : $"{host}:{port}";
}
