namespace Mesh.Grains.Security.Tokens;

/// <summary>
/// Puts a proof into every call that this silo makes of grains and silos, and into none that goes to a client: what
/// came with the call that is being worked on goes no further.
/// </summary>
internal sealed class CallTokenSender(CallTokens tokens) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (tokens.CanMake && !IsClient(context.TargetId))
        {
            RequestContext.Set(CallTokenCheck.Key, tokens.Make(context.TargetId, context.Request));
        }
        else if (RequestContext.Get(CallTokenCheck.Key) is not null)
        {
            RequestContext.Remove(CallTokenCheck.Key);
        }

        // Both end with this method.
        await context.Invoke();
    }

    /// <summary>The silo's own code outside grains is a "hosted" client; nobody outside can have such an id.</summary>
    private static bool IsClient(GrainId target) => target.IsClient() && !target.Key.AsSpan().StartsWith("hosted-"u8);
}
