namespace Mesh.Grains.Push;

/// <summary>
/// Sends the newest of what it is given to one receiver, one at a time: while a send is under way newer values replace
/// the one that waits. So a slow or dead receiver costs one pending call and one waiting value, and delays nobody else.
/// Not thread-safe: used from one grain's turns.
/// </summary>
/// <param name="send">Sends one value. What it throws is passed to <paramref name="onFailure"/> and ends nothing.</param>
internal sealed class Conflator<T>(Func<T, Task> send, Action<Exception> onFailure)
    where T : class
{
    private T? _waiting;
    private bool _isSending;

    public void Offer(T value)
    {
        _waiting = value;
        if (!_isSending)
        {
            _isSending = true;
            Drain().Ignore();
        }
    }

    private async Task Drain()
    {
        while (_waiting is { } next)
        {
            _waiting = null;
            try
            {
                await send(next);
            }
            catch (Exception exception)
            {
                onFailure(exception);
            }
        }

        _isSending = false;
    }
}
