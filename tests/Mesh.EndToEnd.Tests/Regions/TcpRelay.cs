using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>A way on loopback to a server, which can be refused, cut, held up and slowed down, in both directions at once.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    /// <summary>Of each piece in <see cref="RelayMode.Slow"/>: a round trip takes twice as long.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(150);

    private readonly int _target;
    private readonly ReservedPort _port = new();
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly Lock _lock = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private volatile RelayMode _mode;
    private volatile TaskCompletionSource _changed = NewChange();

    private TcpRelay(int target)
    {
        _target = target;
        Listen();
    }

    public int Port => _port.Number;

    /// <param name="target">The server's port on loopback.</param>
    public static TcpRelay To(int target) => new(target);

    /// <summary>From now on, also for connections that are open.</summary>
    public void Set(RelayMode mode)
    {
        lock (_lock)
        {
            _mode = mode;
            if (mode == RelayMode.Refusing)
            {
                _listener?.Dispose();
                _listener = null;
                Cut();
            }
            else if (_listener is null)
            {
                Listen();
            }
        }

        Interlocked.Exchange(ref _changed, NewChange()).SetResult();
    }

    /// <summary>Resets all open connections. New ones are taken as before.</summary>
    public void Cut()
    {
        foreach (var client in _open.Keys)
        {
            // With a limit of zero the end is a reset.
            client.Client?.Close(0);
            client.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Set(RelayMode.Refusing);
        await _accepting;
        _port.Dispose();
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Listen()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = Accept(_listener);
    }

    private async Task Accept(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = Relay(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It refuses now.
        }
    }

    private async Task Relay(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        _open[near] = _open[far] = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(Pump(near.GetStream(), far.GetStream()), Pump(far.GetStream(), near.GetStream()));
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The other side hears of it by the end of its connection.
        }
        finally
        {
            _open.TryRemove(near, out _);
            _open.TryRemove(far, out _);
            near.Dispose();
        }
    }

    private async Task Pump(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReadAsync(buffer) is > 0 and var length)
        {
            while (_changed is { } changed && _mode == RelayMode.Hanging)
            {
                await changed.Task;
            }

            if (_mode == RelayMode.Slow)
            {
                await Task.Delay(Delay, TimeProvider.System);
            }

            await to.WriteAsync(buffer.AsMemory(0, length));
        }
    }
}
