using Grpc.Core;

namespace Mesh.Proxy.Tests.Hosting;

public sealed class EchoService : EchoGrpc
{
    public override async Task<string> Say(string request, ServerCallContext context)
    {
        if (request.StartsWith("fail ", StringComparison.Ordinal))
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, request[5..]));
        }

        if (request == "wait")
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }

        return request == "encoding" ? $"{context.GetHttpContext().Request.Headers["grpc-encoding"]}" : request;
    }

    public override async Task Repeat(string request, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        for (var i = 0; i < 3; i++)
        {
            await responses.WriteAsync($"{request} {i}");
        }

        context.ResponseTrailers.Add("x-trailer", "end");
    }

    public override async Task<string> Join(IAsyncStreamReader<string> requests, ServerCallContext context)
    {
        var all = new List<string>();
        await foreach (var request in requests.ReadAllAsync())
        {
            all.Add(request);
        }

        return string.Join(' ', all);
    }

    public override async Task Chat(IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        await foreach (var request in requests.ReadAllAsync())
        {
            await responses.WriteAsync($"re: {request}");
        }
    }
}
