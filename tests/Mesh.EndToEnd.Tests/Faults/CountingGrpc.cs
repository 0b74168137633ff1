using System.Text;
using Grpc.Core;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>A gRPC service with a unary and a server streaming method, written out so that no code need be generated.</summary>
[BindServiceMethod(typeof(CountingGrpc), nameof(Bind))]
public class CountingGrpc
{
    /// <summary>How many messages <see cref="Count"/> sends.</summary>
    public const int Messages = 5;

    public static readonly Method<string, string> EchoMethod = Define(MethodType.Unary, nameof(Echo));
    public static readonly Method<string, string> CountMethod = Define(MethodType.ServerStreaming, nameof(Count));

    public static void Bind(ServiceBinderBase binder, CountingGrpc? service)
    {
        binder.AddMethod(EchoMethod, service is null ? null! : new UnaryServerMethod<string, string>(service.Echo));
        binder.AddMethod(CountMethod, service is null ? null! : new ServerStreamingServerMethod<string, string>(service.Count));
    }

    public virtual Task<string> Echo(string request, ServerCallContext context) => Task.FromResult(request);

    public virtual async Task Count(string request, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        for (var i = 0; i < Messages; i++)
        {
            await responses.WriteAsync($"{request} {i}");
            await Task.Yield();
        }
    }

    private static Method<string, string> Define(MethodType type, string name)
    {
        var marshaller = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);
        return new Method<string, string>(type, "test.Counting", name, marshaller, marshaller);
    }
}
