namespace Mesh.Proxy.Registration;

/// <summary>One good check makes an application healthy; only several bad ones in a row make a healthy one unhealthy.</summary>
internal sealed class HealthJudge(int unhealthyAfter)
{
    private int _failures;

    /// <summary>Null before the first good check: an application that starts is not ill.</summary>
    public bool? IsHealthy { get; private set; }

    public void Report(bool isGood)
    {
        if (isGood)
        {
            _failures = 0;
            IsHealthy = true;
        }
        else if (++_failures >= unhealthyAfter && IsHealthy == true)
        {
            IsHealthy = false;
        }
    }
}
