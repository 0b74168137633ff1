namespace Mesh.Grains.Links;

/// <summary>
/// How far another clock is ahead of ours, from readings of it of which we know only that they were made between two of
/// our own times: each says something between two bounds, and what all say is closer (Marzullo, 1984).
/// </summary>
internal sealed class ClockOffset
{
    private TimeSpan _least;
    private TimeSpan _most;
    private bool _isKnown;

    /// <summary>Null before the first reading.</summary>
    public TimeSpan? Value => _isKnown ? (_least + _most) / 2 : null;

    /// <param name="from">Our time before the other clock was read.</param>
    /// <param name="to">Our time after it.</param>
    public void Add(DateTimeOffset reading, DateTimeOffset from, DateTimeOffset to)
    {
        var (least, most) = (reading - to, reading - from);
        if (most < least)
        {
            // Ours was set back between the two.
            return;
        }

        var (closerLeast, closerMost) = (_least > least ? _least : least, _most < most ? _most : most);

        // Nothing agrees with all any more when one of the clocks was set: the newest reading is right.
        (_least, _most) = _isKnown && closerLeast <= closerMost ? (closerLeast, closerMost) : (least, most);
        _isKnown = true;
    }
}
