using Mesh.Abstractions.Snapshots;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Push;

/// <summary>
/// A service grain's way to the push hubs. Every hub counts as interested until it says that it is not, so a grain
/// that has just moved to another silo reaches all proxies with its first change, without waiting for renewals.
/// </summary>
internal sealed partial class HubPublisher(IPushHubClient hubs, IClusterMembershipService membership, ILogger<HubPublisher> logger)
{
    private readonly Dictionary<SiloAddress, Conflator<EncodedSnapshot>> _senders = [];
    private readonly HashSet<SiloAddress> _indifferent = [];

    /// <summary>Grows with every sign of interest, so that a "no" that was on its way meanwhile does not count.</summary>
    private long _interests;

    public void MarkInterested(SiloAddress hub)
    {
        _interests++;
        _indifferent.Remove(hub);
    }

    public void Publish(EncodedSnapshot snapshot)
    {
        var active = membership.CurrentSnapshot.Members.Values
            .Where(static member => member.Status == SiloStatus.Active)
            .Select(static member => member.SiloAddress)
            .ToHashSet();
        foreach (var gone in _senders.Keys.Where(silo => !active.Contains(silo)).ToList())
        {
            _senders.Remove(gone);
            _indifferent.Remove(gone);
        }

        foreach (var silo in active)
        {
            if (!_indifferent.Contains(silo))
            {
                SenderTo(silo).Offer(snapshot);
            }
        }
    }

    private Conflator<EncodedSnapshot> SenderTo(SiloAddress silo)
    {
        if (!_senders.TryGetValue(silo, out var sender))
        {
            sender = new Conflator<EncodedSnapshot>(
                async snapshot =>
                {
                    var interests = _interests;
                    if (!await hubs.At(silo).Publish(snapshot) && interests == _interests)
                    {
                        _indifferent.Add(silo);
                    }
                },
                exception => LogPushFailed(silo, exception.Message));
            _senders.Add(silo, sender);
        }

        return sender;
    }

    [LoggerMessage(1101, LogLevel.Information, "A push to silo {Silo} failed ({Reason}); its hub asks for what it missed within seconds")]
    private partial void LogPushFailed(SiloAddress silo, string reason);
}
