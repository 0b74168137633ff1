using System.Collections.Concurrent;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Security.Gateway;
using Mesh.Grains.Security.Tokens;
using Microsoft.Extensions.Options;
using Orleans.Serialization.Invocation;

namespace Mesh.Grains.Security;

/// <summary>
/// Denies by default: without a proof that it comes from a silo, a call reaches only interfaces marked
/// <see cref="ProxyCallableAttribute"/> and the few of <see cref="ProxyCallOptions"/>. While proofs are not required, who
/// is a client is told by the sender of the call, which <see cref="GatewayDoor"/> has checked.
/// </summary>
internal sealed class ProxyCallFilter(IOptions<ProxyCallOptions> options, CallTokens tokens, Denials denials) : IIncomingGrainCallFilter
{
    private static readonly ConcurrentDictionary<Type, bool> Marked = new();

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (!(tokens.IsRequired ? tokens.IsFromSilo(context) : !IsFromClient(context)) && !IsAllowed(context))
        {
            denials.Count(
                IsFromClient(context) ? DenialReason.Interface : DenialReason.Token,
                context.SourceId?.ToString() ?? "unknown",
                $"a call of {context.InterfaceName}.{context.MethodName}, which proxies may not make");
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

        // What comes with every grain (to cancel, to enumerate) is for those that proxies call; the rest is not a grain.
        if (context.Grain is IGrain grain && !grain.GetType().GetInterfaces().Any(IsMarked))
        {
            return false;
        }

        return CallTokens.InnerOf(context.Request) is not { } inner || IsMarked(inner.GetInterfaceType());
    }

    private static bool IsMarked(Type? type) =>
        type is not null && Marked.GetOrAdd(type, static candidate => candidate.IsDefined(typeof(ProxyCallableAttribute), inherit: false));
}
