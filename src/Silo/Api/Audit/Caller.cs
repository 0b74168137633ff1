using Mesh.Silo.Api.Access;

namespace Mesh.Silo.Api.Audit;

/// <summary>Who sends a request, as far as it is proved.</summary>
internal static class Caller
{
    /// <summary>Fit for logs, whoever chose it.</summary>
    public static string Name(HttpContext context) => AuditText.Clean(context.Principal().Name, AuditText.MaxName);

    /// <summary>The connection's, not what a header says: anybody may write that.</summary>
    public static string? Address(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => null,
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        var address => address.ToString(),
    };
}
