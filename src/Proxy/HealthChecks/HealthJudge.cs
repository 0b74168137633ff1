namespace Mesh.Proxy.HealthChecks;

/// <summary>Only several checks of the same kind in a row change a verdict; the first good one makes it healthy at once.</summary>
/// <param name="unhealthyAfter">Failures in a row.</param>
/// <param name="healthyAfter">Successes in a row, for who was unhealthy.</param>
/// <param name="isHealthy">The verdict to begin with; null for none.</param>
internal sealed class HealthJudge(int unhealthyAfter, int healthyAfter = 1, bool? isHealthy = null)
{
    private int _failures;
    private int _successes;

    /// <summary>Null before the first good check: an application that starts is not ill.</summary>
    public bool? IsHealthy { get; private set; } = isHealthy;

    public void Report(bool isGood)
    {
        if (isGood)
        {
            _failures = 0;
            if (++_successes >= healthyAfter || IsHealthy is null)
            {
                IsHealthy = true;
            }
        }
        else
        {
            _successes = 0;
            if (++_failures >= unhealthyAfter && IsHealthy == true)
            {
                IsHealthy = false;
            }
        }
    }
}
