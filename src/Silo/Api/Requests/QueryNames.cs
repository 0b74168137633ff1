namespace Mesh.Silo.Api.Requests;

/// <summary>The query parameters there are. Endpoints say which of them they take.</summary>
internal static class QueryNames
{
    public const string DryRun = "dryRun";
    public const string Watch = "watch";
    public const string Namespace = "namespace";
    public const string Format = "format";
    public const string Limit = "limit";
    public const string Before = "before";
    public const string Refused = "refused";
}
