using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Mesh.Proxy.Sessions;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Forwarding;

/// <summary>One request on its way to a backend, and what was decided of it.</summary>
internal sealed class OutboundCall
{
    public required HttpContext Context { get; init; }

    /// <summary>The timestamp at which it arrived.</summary>
    public required long Arrived { get; init; }

    /// <summary>What the application asked for.</summary>
    public required ServiceState Service { get; init; }

    public required RuleModel Rule { get; init; }

    /// <summary>Where its current try goes; a retry may go to another of the rule's.</summary>
    public required BackendModel Backend { get; set; }

    /// <summary>Where the last try went; null before the first.</summary>
    public UpstreamEndpoint? Endpoint { get; set; }

    /// <summary>How many tries there were so far, this one included.</summary>
    public int Tries { get; set; }

    /// <summary>What is appended to its <c>Via</c>.</summary>
    public ViaEntry? Via { get => field ?? Service.Via; init; }

    /// <summary>Where errors that the proxy answers it with are counted.</summary>
    public ErrorCounters Errors { get => field ?? Service.Errors; init; }

    /// <summary>A proxy of another region sends it, and has counted it where rates are limited.</summary>
    public bool IsFromPeer { get; init; }

    /// <summary>How much time it has.</summary>
    public TimeLimits Limits { get; init; }

    /// <summary>How many segments the path prefix has that the rule matched.</summary>
    public int PrefixSegments { get; init; }

    /// <summary>The session that the request belongs to; null when it begins one, or when the rule keeps none.</summary>
    public SessionToken? Session { get; init; }

    /// <summary>What the filters of rule and backend do to the request and its response; null for nothing.</summary>
    public RequestChanges? Changes => Backend.Changes ?? Rule.Changes;
}
