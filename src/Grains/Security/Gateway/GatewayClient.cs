using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;

namespace Mesh.Grains.Security.Gateway;

/// <summary>An Orleans client that is connected to this silo's gateway: what it has proved, and what it is owed.</summary>
/// <param name="id">Its own choice, but the same in everything it sends.</param>
/// <param name="identity">What its certificate proves; null without TLS.</param>
internal sealed class GatewayClient(GrainId id, PeerIdentity? identity)
{
    /// <summary>Separates a client's id from that of one of its observers.</summary>
    private const byte ObserverSeparator = (byte)'+';

    /// <summary>Requests of this silo that the client has not answered. It is asked once for each push, so thousands wait only if it is hostile or gone.</summary>
    private const int MaxQuestions = 20_000;

    /// <summary>Renewals between two complete ones that are remembered.</summary>
    private const int MaxAdditions = 2_000;

    private static readonly TimeSpan QuestionLife = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, (GrainId Asker, long AskedAt)> _questions = [];
    private readonly HashSet<string> _proxies = new(StringComparer.Ordinal);
    private readonly List<HeldSnapshot[]> _additions = [];
    private HeldSnapshot[] _held = [];

    public GrainId Id => id;

    public PeerIdentity? Identity => identity;

    /// <summary>How many connections it has; guarded by <see cref="GatewayClients"/>.</summary>
    public int Connections { get; set; }

    public IReadOnlyList<string> Proxies
    {
        get
        {
            lock (_lock)
            {
                return [.. _proxies];
            }
        }
    }

    /// <summary>Whether an id is the client's own or that of one of its observers.</summary>
    public bool Owns(GrainId grain)
    {
        if (grain.Type != id.Type)
        {
            return false;
        }

        var own = id.Key.AsSpan();
        var key = grain.Key.AsSpan();
        return key.StartsWith(own) && (key.Length == own.Length || key[own.Length] == ObserverSeparator);
    }

    /// <returns>False when the client already speaks for as many proxies as it may.</returns>
    public bool TrySpeakFor(string proxyId, int limit)
    {
        lock (_lock)
        {
            return _proxies.Contains(proxyId) || (_proxies.Count < limit && _proxies.Add(proxyId));
        }
    }

    /// <summary>A request leaves for the client; one answer to it will be let in.</summary>
    public void Ask(long question, GrainId asker, TimeProvider time)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_questions.Count >= MaxQuestions)
            {
                foreach (var old in _questions.Where(one => time.GetElapsedTime(one.Value.AskedAt, now) > QuestionLife).Select(static one => one.Key).ToList())
                {
                    _questions.Remove(old);
                }
            }

            if (_questions.Count < MaxQuestions)
            {
                _questions[question] = (asker, now);
            }
        }
    }

    /// <returns>False when nobody of that name has asked this, or it was answered already.</returns>
    public bool TryAnswer(long question, GrainId asker)
    {
        lock (_lock)
        {
            return _questions.TryGetValue(question, out var known) && known.Asker == asker && _questions.Remove(question);
        }
    }

    /// <summary>Remembers what the client says it uses.</summary>
    public void Renewed(RenewRequest request)
    {
        lock (_lock)
        {
            if (request.IsComplete)
            {
                _additions.Clear();
                _held = request.Held;
            }
            else if (_additions.Count < MaxAdditions)
            {
                _additions.Add(request.Held);
            }
        }
    }

    public bool Uses(ServiceName service)
    {
        lock (_lock)
        {
            return Contains(_held) || _additions.Any(Contains);
        }

        bool Contains(HeldSnapshot[] held) => held.Any(one => one.Service == service);
    }
}
