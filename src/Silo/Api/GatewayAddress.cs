namespace Mesh.Silo.Api;

/// <param name="Host">An IP address, without brackets.</param>
internal sealed record GatewayAddress(string Host, int Port);
