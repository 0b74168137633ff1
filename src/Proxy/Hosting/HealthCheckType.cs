namespace Mesh.Proxy.Hosting;

internal enum HealthCheckType
{
    /// <summary>The port accepts a connection.</summary>
    Tcp,

    /// <summary>A GET of the path answers 200 to 399.</summary>
    Http,

    /// <summary>The gRPC health protocol answers SERVING.</summary>
    Grpc,
}
