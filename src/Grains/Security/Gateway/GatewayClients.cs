using System.Collections.Concurrent;
using Mesh.Abstractions.Connections;
using Microsoft.Extensions.Options;

namespace Mesh.Grains.Security.Gateway;

/// <summary>The clients connected to this silo's gateway, by the ids that their messages carry, and the proxies they speak for.</summary>
internal sealed class GatewayClients(IOptions<GatewayLimits> options)
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<GrainId, GatewayClient> _clients = new();
    private readonly ConcurrentDictionary<string, GatewayClient> _proxies = new(StringComparer.Ordinal);

    public int Count => _clients.Count;

    /// <exception cref="DeniedException">The id is taken by somebody else, is reserved, or there is no room.</exception>
    public GatewayClient Connect(GrainId id, PeerIdentity? identity)
    {
        // A silo's own code is a "hosted" client, and what is sent to it is for silos only.
        if (!id.IsClient() || id.Key.AsSpan().StartsWith("hosted-"u8) || id.Key.AsSpan().Contains((byte)'+') || id.Key.AsSpan().Length is 0 or > 128)
        {
            throw new DeniedException(DenialReason.Client, "a client with an id that no client has");
        }

        lock (_lock)
        {
            if (_clients.TryGetValue(id, out var client))
            {
                if (client.Identity != identity)
                {
                    throw new DeniedException(DenialReason.Client, "a client with the id of another one that is connected");
                }
            }
            else if (_clients.Count >= options.Value.MaxClients)
            {
                throw new DeniedException(DenialReason.Limit, $"one more than {options.Value.MaxClients} clients");
            }
            else
            {
                client = new GatewayClient(id, identity);
                _clients[id] = client;
            }

            client.Connections++;
            return client;
        }
    }

    public void Disconnect(GatewayClient client)
    {
        lock (_lock)
        {
            if (--client.Connections > 0)
            {
                return;
            }

            _clients.TryRemove(client.Id, out _);
            foreach (var proxy in client.Proxies)
            {
                _proxies.TryRemove(KeyValuePair.Create(proxy, client));
            }
        }
    }

    /// <returns>The client that a message comes from, which the gateway has checked; null when it does not come from one here.</returns>
    public GatewayClient? Find(GrainId source)
    {
        if (_clients.TryGetValue(source, out var client))
        {
            return client;
        }

        // From one of its observers.
        var key = source.Key.AsSpan();
        var end = key.IndexOf((byte)'+');
        return end > 0 && source.IsClient() && _clients.TryGetValue(GrainId.Create(source.Type, new IdSpan(key[..end].ToArray())), out client) ? client : null;
    }

    /// <summary>Lets a client speak for a proxy.</summary>
    /// <exception cref="DeniedException">Somebody with another identity does so already, or it is one too many.</exception>
    public void SpeakFor(GatewayClient client, string proxyId)
    {
        if (_proxies.TryGetValue(proxyId, out var other) && other == client)
        {
            return;
        }

        if (other is not null && other.Identity != client.Identity)
        {
            throw new DeniedException(DenialReason.Identity, $"proxy '{proxyId}', which is somebody else");
        }

        if (!client.TrySpeakFor(proxyId, options.Value.MaxProxiesPerClient))
        {
            throw new DeniedException(DenialReason.Limit, $"one more than {options.Value.MaxProxiesPerClient} proxies in one client");
        }

        _proxies[proxyId] = client;
    }
}
