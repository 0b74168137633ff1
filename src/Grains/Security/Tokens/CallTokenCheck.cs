namespace Mesh.Grains.Security.Tokens;

/// <summary>Takes the proof out of a call that came in.</summary>
internal static class CallTokenCheck
{
    public const string Key = "mesh.silo";

    /// <summary>A timer of the grain itself; it is made in this process and has no form on the wire.</summary>
    private const string TimerTick = "Orleans.Runtime.GrainTimer+TimerTickInvoker";

    /// <returns>Whether a silo made the call. The proof is gone from what the grain passes on.</returns>
    public static bool IsFromSilo(this CallTokens tokens, IIncomingGrainCallContext context)
    {
        if (RequestContext.Get(Key) is not byte[] token)
        {
            return context.Request.GetType().FullName == TimerTick;
        }

        RequestContext.Remove(Key);
        return tokens.Use(token, context.TargetId, context.Request);
    }
}
