namespace Mesh.Grains.Storage;

/// <summary>What to do about an error that a Redis server answers with, by the code it begins with.</summary>
internal static class RedisRefusal
{
    /// <returns>Advice as a sentence with a leading space; empty when there is none.</returns>
    public static string Advise(string error) => error.Split(' ', 2)[0] switch
    {
        "OOM" => " It is full: raise maxmemory, or remove what else is in it. Reads and calls go on.",
        "READONLY" => " It is a replica: the primary is elsewhere, or a failover is under way. Look at its address in the connection string, and at INFO replication.",
        "LOADING" => " It has just started and reads its files; it takes writes when it has.",
        "MISCONF" => " It cannot save to its disk: look at its log, and whether the disk is full.",
        "NOREPLICAS" => " Too few of its replicas follow (min-replicas-to-write).",
        "NOAUTH" or "WRONGPASS" => " Look at the user and the password in its connection string.",
        "NOPERM" => " The user in its connection string lacks a right: ACL LOG on the server tells which.",
        "MASTERDOWN" => " It is a replica that has lost its primary.",
        "CLUSTERDOWN" => " The Redis Cluster does not serve all of its slots.",
        _ => "",
    };
}
