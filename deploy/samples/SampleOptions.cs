using System.Diagnostics.CodeAnalysis;

namespace Mesh.Samples;

/// <summary>A sample's command line.</summary>
internal sealed record SampleOptions
{
    public const string Usage =
        """
        Usage: Mesh.Samples <web|catalog|pricing> --port <port> [--outbound <url>] [--version <v1|v2>]
          --port      where to listen, on loopback
          --outbound  the outbound address of the sidecar beside it; calls to other services go there
          --version   which version of catalog to be (default v1)
        """;

    public SampleRole Role { get; private init; }

    public int Port { get; private init; }

    /// <summary>The sidecar's outbound address.</summary>
    public Uri Outbound { get; private init; } = new("http://127.0.0.1:4140");

    public string Version { get; private init; } = "v1";

    public static bool TryRead(
        string[] args, [NotNullWhen(true)] out SampleOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        var settings = new ConfigurationBuilder().AddCommandLine(args.Length > 0 ? args[1..] : []).Build();
        if (args.Length == 0 || !Enum.TryParse<SampleRole>(args[0], ignoreCase: true, out var role) || !Enum.IsDefined(role))
        {
            error = "The first argument must be web, catalog or pricing.";
        }
        else if (!int.TryParse(settings["port"], out var port) || port is < 1 or > 65535)
        {
            error = "--port must be 1 to 65535.";
        }
        else if (!Uri.TryCreate(settings["outbound"] ?? "http://127.0.0.1:4140", new UriCreationOptions(), out var outbound))
        {
            error = "--outbound must be a URL such as http://127.0.0.1:4140.";
        }
        else if ((settings["version"] ?? "v1") is not ("v1" or "v2"))
        {
            error = "--version must be v1 or v2.";
        }
        else
        {
            error = null;
            options = new SampleOptions { Role = role, Port = port, Outbound = outbound, Version = settings["version"] ?? "v1" };
        }

        return options is not null;
    }
}
