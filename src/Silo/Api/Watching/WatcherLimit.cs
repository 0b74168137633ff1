using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Watching;

/// <summary>Bounds how many requests watch at a time.</summary>
internal sealed class WatcherLimit(int max)
{
    private int _count;

    /// <exception cref="ApiException">There are too many: 503.</exception>
    public Place Enter()
    {
        if (Interlocked.Increment(ref _count) > max)
        {
            Interlocked.Decrement(ref _count);
            throw ApiException.Unavailable($"This silo serves at most {max} requests with ?watch=true at a time.");
        }

        return new Place(this);
    }

    /// <summary>Leaves the place to another when disposed.</summary>
    public sealed class Place(WatcherLimit owner) : IDisposable
    {
        private WatcherLimit? _owner = owner;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _owner, null) is { } limit)
            {
                Interlocked.Decrement(ref limit._count);
            }
        }
    }
}
