namespace Mesh.Quickstart.Events;

/// <summary>What the list of services (<c>GET /v1/services</c>) says of one service, as far as it is shown.</summary>
internal sealed record ServiceLine(string Namespace, string Name, long SpecRevision, int Rules, int Endpoints)
{
    public string FullName => $"{Namespace}/{Name}";
}
