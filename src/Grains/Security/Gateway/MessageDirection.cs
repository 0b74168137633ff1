namespace Mesh.Grains.Security.Gateway;

/// <summary>What a message is, as Orleans numbers it on the wire.</summary>
internal enum MessageDirection
{
    None,
    Request,
    Response,
    OneWay,
}
