using System.Collections.Concurrent;
using Mesh.Abstractions.Naming;

namespace Mesh.Grains.Services;

/// <summary>The services whose grains are active on this silo, and which of them may have been written by somebody else.</summary>
internal sealed class ActiveServices
{
    private readonly ConcurrentDictionary<ServiceName, Activation> _active = new();
    private readonly ConcurrentDictionary<ServiceName, bool> _marked = new();

    public int Count => _active.Count;

    /// <summary>Called by a grain in its own turn when it is activated; disposed of when it ends.</summary>
    /// <param name="check">Compares what the grain holds with the store, in a turn of the grain.</param>
    public IDisposable Add(ServiceName service, Func<Task> check)
    {
        var activation = new Activation(this, service, TaskScheduler.Current, check);
        _active[service] = activation;
        return activation;
    }

    /// <summary>The service was written, by whomever. Costs nothing where it is not active.</summary>
    public void Mark(ServiceName service)
    {
        if (_active.ContainsKey(service))
        {
            _marked[service] = true;
        }
    }

    public void MarkAll()
    {
        foreach (var service in _active.Keys)
        {
            _marked[service] = true;
        }
    }

    /// <summary>The marked services, which are then no longer marked.</summary>
    public IReadOnlyList<ServiceName> TakeMarked()
    {
        var taken = new List<ServiceName>();
        foreach (var service in _marked.Keys)
        {
            if (_marked.TryRemove(service, out _))
            {
                taken.Add(service);
            }
        }

        return taken;
    }

    /// <summary>Has the activation on this silo, which need not be the one that calls reach, compare itself with the store.</summary>
    public Task Check(ServiceName service) => _active.TryGetValue(service, out var activation) ? activation.Check() : Task.CompletedTask;

    private sealed class Activation(ActiveServices owner, ServiceName service, TaskScheduler turns, Func<Task> check) : IDisposable
    {
        public Task Check() => Task.Factory.StartNew(check, CancellationToken.None, TaskCreationOptions.DenyChildAttach, turns).Unwrap();

        /// <summary>Leaves the entry of a later activation alone.</summary>
        public void Dispose() => owner._active.TryRemove(new KeyValuePair<ServiceName, Activation>(service, this));
    }
}
