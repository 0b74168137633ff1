using Mesh.Grains.Storage;

namespace Mesh.Grains.Links;

/// <summary>How far a link has come in each shard, and what that says of the two regions.</summary>
internal sealed class LinkProgress
{
    /// <summary>
    /// A shard in which the regions have differed for this long is read from its beginning: the log does not show what a
    /// store lost in a failover and wrote anew, nor what the own store lost.
    /// </summary>
    public static readonly TimeSpan RereadPeriod = TimeSpan.FromSeconds(30);

    private readonly LinkPlace[] _places;
    private readonly DateTimeOffset?[] _equalAt = new DateTimeOffset?[RedisKeys.Shards];
    private readonly DateTimeOffset?[] _rereadAt = new DateTimeOffset?[RedisKeys.Shards];
    private ShardHead[] _theirs = new ShardHead[RedisKeys.Shards];
    private ShardHead[]? _ours;

    public LinkProgress(LinkCursor? cursor)
    {
        _places = [.. Enumerable.Range(0, RedisKeys.Shards).Select(shard => cursor?.Shards.ElementAtOrDefault(shard) ?? LinkPlace.Start)];
        CaughtUpAt = cursor?.CaughtUpAt;
    }

    /// <summary>When this region last had everything that the peer had.</summary>
    public DateTimeOffset? CaughtUpAt { get; private set; }

    /// <summary>How many changes are known of and not taken up.</summary>
    public long Lag => _theirs.Select((head, shard) => Math.Max(0, head.Last - _places[shard].Sequence)).Sum();

    /// <summary>
    /// When both regions were last known to hold the same. Shards are compared at different times, which is right: no
    /// service is in two of them.
    /// </summary>
    public DateTimeOffset? InSyncAt => _equalAt.Contains(null) ? null : _equalAt.Min();

    public LinkCursor ToCursor() => new([.. _places], CaughtUpAt);

    /// <summary>Takes note of where both regions stand, the peer's having been asked first.</summary>
    /// <param name="asked">When the peer was asked.</param>
    public LinkWork Look(ShardHead[] theirs, ShardHead[] ours, DateTimeOffset asked)
    {
        var (hasPeerLost, haveWeLost) = (false, false);
        var due = new List<(int, long)>();
        for (var shard = 0; shard < RedisKeys.Shards; shard++)
        {
            var (head, place) = (theirs[shard], _places[shard]);
            if (head.IsOlderThan(place.Epoch, place.Sequence))
            {
                hasPeerLost = true;
                _places[shard] = place = new LinkPlace(head.Epoch, 0);
                _rereadAt[shard] = null;
            }

            if (_ours is not null && ours[shard].IsOlderThan(_ours[shard].Epoch, _ours[shard].Last))
            {
                haveWeLost = true;
                _rereadAt[shard] = _equalAt[shard] = null;
            }

            if (head.HoldsTheSameAs(ours[shard]))
            {
                // The peer was asked first: what it held then is here, and it knew all that is here of that time.
                _equalAt[shard] = asked;
                _places[shard] = new LinkPlace(head.Epoch, head.Last);
            }
            else if (asked - Latest(_equalAt[shard], _rereadAt[shard]) is not { } since || since >= RereadPeriod)
            {
                due.Add((shard, 0));
            }
            else if (head.Last > place.Sequence)
            {
                due.Add((shard, place.Sequence));
            }
        }

        (_theirs, _ours) = (theirs, ours);
        return new LinkWork(due, hasPeerLost, haveWeLost);
    }

    /// <summary>Everything up to that change has been taken up.</summary>
    public void Advance(int shard, long sequence)
    {
        if (sequence > _places[shard].Sequence)
        {
            _places[shard] = new LinkPlace(_theirs[shard].Epoch, sequence);
        }
    }

    /// <summary>A shard has been read to its end.</summary>
    /// <param name="after">Where reading began.</param>
    public void Complete(int shard, long after, DateTimeOffset asked)
    {
        Advance(shard, _theirs[shard].Last);
        if (after == 0)
        {
            _rereadAt[shard] = asked;
        }
    }

    public void CaughtUp(DateTimeOffset asked) => CaughtUpAt = asked;

    private static DateTimeOffset? Latest(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null || right > left ? right : left;
}
