namespace Mesh.Grains.Regions;

/// <summary>What a write says about whether its service exists.</summary>
internal enum ExistenceClaim
{
    /// <summary>Nothing: an instance comes, goes or drains.</summary>
    None,

    /// <summary>
    /// An instance registered and found no service. The defaults it is given lose to anything an administrator ever
    /// wrote: the region may only have forgotten that, with its store.
    /// </summary>
    Implied,

    /// <summary>An administrator wrote it, or deleted it: any edit says that the service exists.</summary>
    Stated,
}
