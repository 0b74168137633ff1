namespace Mesh.Samples;

/// <summary>Which of the three small services a process is.</summary>
internal enum SampleRole
{
    /// <summary>The shop's front: asks <c>catalog</c> over HTTP.</summary>
    Web,

    /// <summary>What the shop sells: asks <c>pricing</c> by gRPC.</summary>
    Catalog,

    /// <summary>What it costs: answers gRPC.</summary>
    Pricing,
}
