using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Limits;

/// <summary>
/// Counts the requests of this proxy at one service, and lets those above the limit wait in the order they came. It
/// outlives snapshots: new numbers apply to what is under way and what waits.
/// </summary>
/// <remarks>
/// The numbers of those inside and of those waiting share one 64-bit word, so that while nobody waits, coming and going
/// is one compare-and-swap each. Whatever touches the queue holds the lock. While somebody waits, only the queue lets in.
/// </remarks>
internal sealed class RequestGate
{
    private const long OneWaiting = 1L << 32;

    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _queue = new();
    private volatile int _capacity = int.MaxValue;
    private volatile RequestLimits _limits = new();
    private long _state;

    /// <summary>The numbers in force.</summary>
    public RequestLimits Limits => _limits;

    /// <summary>How many may be inside: as many as the service may get, and no more than its endpoints together may.</summary>
    public int Capacity => _capacity;

    public int InFlight => (int)Volatile.Read(ref _state);

    public int Waiting => (int)(Volatile.Read(ref _state) >> 32);

    /// <param name="limits">Null when the service has none any more.</param>
    /// <param name="endpoints">How many of the service's endpoints get requests.</param>
    public void Update(RequestLimits? limits, int endpoints)
    {
        lock (_lock)
        {
            _limits = limits ?? new RequestLimits();

            // Without an endpoint there is nothing to wait for, and the request is told so.
            var ofEndpoints = _limits.ConcurrentPerEndpoint is { } each ? (long)each * Math.Max(endpoints, 1) : int.MaxValue;
            _capacity = (int)Math.Min(_limits.Concurrent ?? int.MaxValue, Math.Min(ofEndpoints, int.MaxValue));
            LetIn();
        }
    }

    /// <summary>Enters when that is possible without waiting.</summary>
    public bool TryEnter()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state >= OneWaiting || state >= _capacity)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, state + 1, state) == state)
            {
                return true;
            }
        }
    }

    /// <param name="left">What is left of the request's own time; null for no limit.</param>
    public ValueTask<GateOutcome> EnterAsync(TimeSpan? left, TimeProvider time, CancellationToken callerLeft) =>
        TryEnter() ? new ValueTask<GateOutcome>(GateOutcome.Entered) : new ValueTask<GateOutcome>(WaitAsync(left, time, callerLeft));

    public void Leave()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state >= OneWaiting)
            {
                lock (_lock)
                {
                    Interlocked.Decrement(ref _state);
                    LetIn();
                    return;
                }
            }

            if (Interlocked.CompareExchange(ref _state, state - 1, state) == state)
            {
                return;
            }
        }
    }

    private async Task<GateOutcome> WaitAsync(TimeSpan? left, TimeProvider time, CancellationToken callerLeft)
    {
        var limits = _limits;
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            if (TryEnter())
            {
                return GateOutcome.Entered;
            }

            if (_queue.Count >= limits.Pending)
            {
                return GateOutcome.Refused;
            }

            // Inside the lock nobody continues: whoever is let in does so on a thread of its own.
            place = _queue.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            Interlocked.Add(ref _state, OneWaiting);

            // Somebody may have left before this one was there to be seen.
            LetIn();
        }

        var longest = left < limits.PendingTimeout ? left.Value : limits.PendingTimeout;
        try
        {
            await place.Value.Task.WaitAsync(longest < TimeSpan.Zero ? TimeSpan.Zero : longest, time, callerLeft);
            return GateOutcome.Entered;
        }
        catch (TimeoutException)
        {
            return TryGiveUp(place) ? GateOutcome.TimedOut : GateOutcome.Entered;
        }
        catch (OperationCanceledException)
        {
            if (!TryGiveUp(place))
            {
                Leave();
            }

            return GateOutcome.Abandoned;
        }
    }

    /// <returns>False when it was let in at the same moment.</returns>
    private bool TryGiveUp(LinkedListNode<TaskCompletionSource> place)
    {
        lock (_lock)
        {
            if (place.List is null)
            {
                return false;
            }

            _queue.Remove(place);
            Interlocked.Add(ref _state, -OneWaiting);
            return true;
        }
    }

    /// <summary>Lets in who waits, as far as there is room. Only under the lock; while somebody waits, nobody else comes in.</summary>
    private void LetIn()
    {
        while (_queue.First is { } first && InFlight < _capacity)
        {
            _queue.RemoveFirst();
            Interlocked.Add(ref _state, 1 - OneWaiting);
            first.Value.TrySetResult();
        }
    }
}
