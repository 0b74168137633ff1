using Mesh.Abstractions.Naming;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Mesh.Grains.Storage;

/// <summary>Hears of every write by the channel it publishes on. The client subscribes again after each reconnection.</summary>
internal sealed partial class RedisChangeFeed(IConnectionMultiplexer multiplexer, RedisKeys keys, ILogger<RedisChangeFeed> logger) : IChangeFeed
{
    public IDisposable Subscribe(Action<ServiceName> onChange)
    {
        var subscription = new Subscription(multiplexer.GetSubscriber(), keys.Changes, message => Deliver(message, onChange));
        subscription.Start();
        return subscription;
    }

    private void Deliver(RedisValue message, Action<ServiceName> onChange)
    {
        if (!ServiceName.TryParse(message, out var service))
        {
            LogBadMessage(keys.Changes.ToString());
            return;
        }

        try
        {
            onChange(service);
        }
#pragma warning disable CA1031 // The thread is the client's: one subscriber's mistake must not reach it, or the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogSubscriberFailed(exception, service);
        }
    }

    private sealed class Subscription(ISubscriber subscriber, RedisChannel channel, Action<RedisValue> onMessage) : IDisposable
    {
        private volatile bool _disposed;

        // Not awaited: with the store away it takes effect when the store is back, as after any reconnection.
        public void Start() => subscriber.Subscribe(channel, OnMessage, CommandFlags.FireAndForget);

        public void Dispose()
        {
            _disposed = true;
            subscriber.Unsubscribe(channel, OnMessage, CommandFlags.FireAndForget);
        }

        private void OnMessage(RedisChannel from, RedisValue message)
        {
            if (!_disposed)
            {
                onMessage(message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message on {Channel} was not the name of a service and was ignored; only silos should publish there")]
    private partial void LogBadMessage(string channel);

    [LoggerMessage(Level = LogLevel.Error, Message = "A listener failed on the change of {Service}; it looks again by itself")]
    private partial void LogSubscriberFailed(Exception exception, ServiceName service);
}
