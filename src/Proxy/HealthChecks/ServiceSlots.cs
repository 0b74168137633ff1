namespace Mesh.Proxy.HealthChecks;

/// <summary>
/// How many endpoints of one service are asked at once, so that a service whose endpoints hang does not keep the others
/// from being asked. Only under the lock of <see cref="EndpointHealthChecker"/>.
/// </summary>
internal sealed class ServiceSlots
{
    public const int Count = 16;

    private readonly Queue<EndpointCheck> _waiting = new();
    private int _taken;

    /// <summary>Takes a slot, or lets the check wait for one.</summary>
    public bool TryTake(EndpointCheck check)
    {
        if (_taken == Count)
        {
            _waiting.Enqueue(check);
            return false;
        }

        _taken++;
        return true;
    }

    /// <summary>Gives a slot back.</summary>
    /// <returns>Who waited for one the longest and is to try again; null when nobody waits.</returns>
    public EndpointCheck? Release()
    {
        _taken--;
        return _waiting.TryDequeue(out var next) ? next : null;
    }
}
