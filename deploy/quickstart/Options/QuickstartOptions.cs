namespace Mesh.Quickstart.Options;

/// <summary>The command line.</summary>
internal sealed record QuickstartOptions
{
    public const string Usage =
        """
        Starts a small mesh on this machine: a silo with its embedded store, and the sample services web, catalog (two
        versions) and pricing, each with a sidecar. Prints commands to try, and stops everything on Ctrl-C.

        Usage: dotnet run --project deploy/quickstart [-- <options>]

          --api-port <port>      management API (default 4180)
          --silo-port <port>     silo to silo (default 11111)
          --gateway-port <port>  proxies to silo (default 30000)
          --base-port <port>     the first sidecar's outbound port (default 4140); its inbound port is 3 higher, its
                                 application 10, its admin port 51; the next sidecar's ports are 100 higher
          --free-ports           any free ports instead of all of these
          --directory <path>     where data and logs go (default: a directory of your user, one per API port)
          --keep                 go on with the data of the last run instead of starting afresh
          --once                 start, run the printed commands, show what they answer, stop; exit code 0 if all is well
          --help                 this text
        """;

    public int ApiPort { get; init; } = 4180;

    public int SiloPort { get; init; } = 11111;

    public int GatewayPort { get; init; } = 30000;

    public int BasePort { get; init; } = 4140;

    public bool FreePorts { get; init; }

    /// <summary>Null for the default.</summary>
    public string? Directory { get; init; }

    public bool Keep { get; init; }

    public bool Once { get; init; }

    public bool Help { get; init; }
}
