namespace Mesh.Silo.Api.Audit;

/// <summary>Who sends a request, as far as it is proved.</summary>
internal static class Caller
{
    private const string Anonymous = "anonymous";

    public static string Name(HttpContext context) =>
        context.User.Identity?.Name is { Length: > 0 } name ? AuditText.Clean(name, AuditText.MaxName) : Anonymous;

    /// <summary>The connection's, not what a header says: anybody may write that.</summary>
    public static string? Address(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => null,
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        var address => address.ToString(),
    };
}
