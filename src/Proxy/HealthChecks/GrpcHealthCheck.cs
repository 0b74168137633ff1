using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace Mesh.Proxy.HealthChecks;

/// <summary>Healthy when the gRPC health protocol (<c>grpc.health.v1.Health/Check</c>) answers SERVING.</summary>
internal sealed class GrpcHealthCheck : IHealthCheck, IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly HealthCheckRequest _request;

    /// <param name="handler">Whose connections to use; its owner disposes of it.</param>
    /// <param name="service">The gRPC service asked about; the whole server when empty.</param>
    public GrpcHealthCheck(HttpMessageHandler handler, string host, int port, string service)
    {
        _channel = GrpcChannel.ForAddress(
            new UriBuilder(Uri.UriSchemeHttp, host, port).Uri,
            new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = false });
        _request = new HealthCheckRequest { Service = service };
    }

    public async Task<string?> Check(CancellationToken cancellationToken)
    {
        try
        {
            var response = await new Health.HealthClient(_channel).CheckAsync(_request, cancellationToken: cancellationToken);
            return response.Status == HealthCheckResponse.Types.ServingStatus.Serving ? null : $"gRPC health is {response.Status}";
        }
        catch (RpcException exception)
        {
            return $"gRPC health failed: {exception.Status.StatusCode} {exception.Status.Detail}";
        }
    }

    public void Dispose() => _channel.Dispose();
}
