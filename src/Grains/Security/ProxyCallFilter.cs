using System.Collections.Concurrent;
using Mesh.Abstractions.Grains;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Serialization.Invocation;

namespace Mesh.Grains.Security;

/// <summary>
/// Denies by default: an Orleans client (a proxy) reaches only interfaces marked <see cref="ProxyCallableAttribute"/>
/// and the few of <see cref="ProxyCallOptions"/>. This guards against mistakes; a client can forge where its calls
/// come from, so it is no boundary against a hostile one.
/// </summary>
internal sealed partial class ProxyCallFilter(IOptions<ProxyCallOptions> options, ILogger<ProxyCallFilter> logger) : IIncomingGrainCallFilter
{
    private static readonly ConcurrentDictionary<Type, bool> Marked = new();

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (IsFromClient(context) && !IsAllowed(context))
        {
            LogDenied(context.SourceId?.ToString() ?? "unknown", context.InterfaceName, context.MethodName);
            throw new UnauthorizedAccessException($"A proxy may not call {context.InterfaceName}.");
        }

        return context.Invoke();
    }

    /// <summary>The silo's own code outside grains calls as a "hosted" client.</summary>
    private static bool IsFromClient(IIncomingGrainCallContext context) =>
        context.SourceId is { } source
        && source.IsClient()
        && !source.Key.AsSpan().StartsWith("hosted-"u8);

    private bool IsAllowed(IIncomingGrainCallContext context)
    {
        if (!options.Value.ClientInterfaces.Contains(context.InterfaceName))
        {
            return IsMarked(context.InterfaceMethod?.DeclaringType);
        }

        // The start of an asynchronous enumeration carries the real request inside.
        for (var i = 0; i < context.Request.GetArgumentCount(); i++)
        {
            if (context.Request.GetArgument(i) is IInvokable inner && !IsMarked(inner.GetInterfaceType()))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsMarked(Type? type) =>
        type is not null && Marked.GetOrAdd(type, static candidate => candidate.IsDefined(typeof(ProxyCallableAttribute), inherit: false));

    [LoggerMessage(1301, LogLevel.Warning, "Denied: {Source} called {Interface}.{Method}, which proxies may not")]
    private partial void LogDenied(string source, string @interface, string method);
}
