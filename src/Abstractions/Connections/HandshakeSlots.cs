using System.Net;

namespace Mesh.Abstractions.Connections;

/// <summary>
/// How many connections may be unproved at once: in all, and from one address, so that one machine that opens
/// connections and says nothing leaves room for the others. Who finds no room is refused and comes again.
/// </summary>
public sealed class HandshakeSlots(int total, int perAddress)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private int _taken;

    public int Taken
    {
        get
        {
            lock (_lock)
            {
                return _taken;
            }
        }
    }

    /// <returns>Null when there is no room.</returns>
    public Slot? TryTake(EndPoint? peer)
    {
        var address = (peer as IPEndPoint)?.Address ?? IPAddress.None;
        lock (_lock)
        {
            var taken = _addresses.GetValueOrDefault(address);
            if (_taken >= total || taken >= perAddress)
            {
                return null;
            }

            _taken++;
            _addresses[address] = taken + 1;
            return new Slot(this, address);
        }
    }

    private void Free(IPAddress address)
    {
        lock (_lock)
        {
            _taken--;
            if (--_addresses[address] == 0)
            {
                _addresses.Remove(address);
            }
        }
    }

    /// <summary>Room for one handshake, until it is disposed.</summary>
    public sealed class Slot(HandshakeSlots slots, IPAddress address) : IDisposable
    {
        private int _isFree;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isFree, 1) == 0)
            {
                slots.Free(address);
            }
        }
    }
}
