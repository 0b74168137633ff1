namespace Mesh.Proxy.Registration;

/// <summary>Where the inbound listener is bound, which is known once it is.</summary>
internal interface IInboundAddress
{
    Task WhenBound { get; }

    string Host { get; }

    int Port { get; }
}
