using System.Text;
using Grpc.Core;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>A gRPC service of text messages with one method of each kind, written out so that no code need be generated.</summary>
[BindServiceMethod(typeof(EchoGrpc), nameof(Bind))]
public abstract class EchoGrpc
{
    public static readonly Method<string, string> Unary = Define(MethodType.Unary, nameof(Say));
    public static readonly Method<string, string> ServerStream = Define(MethodType.ServerStreaming, nameof(Repeat));
    public static readonly Method<string, string> ClientStream = Define(MethodType.ClientStreaming, nameof(Join));
    public static readonly Method<string, string> Duplex = Define(MethodType.DuplexStreaming, nameof(Chat));

    public static void Bind(ServiceBinderBase binder, EchoGrpc? service)
    {
        binder.AddMethod(Unary, service is null ? null! : new UnaryServerMethod<string, string>(service.Say));
        binder.AddMethod(ServerStream, service is null ? null! : new ServerStreamingServerMethod<string, string>(service.Repeat));
        binder.AddMethod(ClientStream, service is null ? null! : new ClientStreamingServerMethod<string, string>(service.Join));
        binder.AddMethod(Duplex, service is null ? null! : new DuplexStreamingServerMethod<string, string>(service.Chat));
    }

    public abstract Task<string> Say(string request, ServerCallContext context);

    public abstract Task Repeat(string request, IServerStreamWriter<string> responses, ServerCallContext context);

    public abstract Task<string> Join(IAsyncStreamReader<string> requests, ServerCallContext context);

    public abstract Task Chat(IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context);

    private static Method<string, string> Define(MethodType type, string name)
    {
        var marshaller = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);
        return new Method<string, string>(type, "test.Echo", name, marshaller, marshaller);
    }
}
