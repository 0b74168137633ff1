namespace Mesh.Silo.Api;

/// <summary>What the management API takes at most.</summary>
internal static class ApiLimits
{
    /// <summary>Bytes of a body, except for <see cref="ApplyBody"/>.</summary>
    public const int Body = 1024 * 1024;

    /// <summary>Bytes of the body of <c>/v1/apply</c>.</summary>
    public const int ApplyBody = 16 * 1024 * 1024;

    /// <summary>Bytes of a body that is too large which are still read, so that its sender can be told.</summary>
    public const int ReadAway = 2 * ApplyBody;

    /// <summary>Services in one <c>/v1/apply</c>.</summary>
    public const int ApplyServices = 10_000;

    /// <summary>Requests with <c>?watch=true</c> at a time; further ones get a 503.</summary>
    public const int Watchers = 1000;

    /// <summary>Grain calls that one apply has under way.</summary>
    public const int ApplyParallelism = 16;
}
