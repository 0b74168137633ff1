using System.Globalization;

namespace Mesh.Quickstart.Options;

/// <summary>Reads the command line strictly: a misspelt option must not be ignored.</summary>
internal static class OptionsParser
{
    /// <exception cref="QuickstartException">An option is unknown, lacks its value, or has a wrong one.</exception>
    public static QuickstartOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new QuickstartOptions();
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, attached) = Split(arguments[index]);
            options = name switch
            {
                "--api-port" => options with { ApiPort = Port(Value()) },
                "--silo-port" => options with { SiloPort = Port(Value()) },
                "--gateway-port" => options with { GatewayPort = Port(Value()) },
                "--base-port" => options with { BasePort = Port(Value()) },
                "--directory" => options with { Directory = Value() },
                "--free-ports" => options with { FreePorts = Flag() },
                "--keep" => options with { Keep = Flag() },
                "--once" => options with { Once = Flag() },
                "--help" or "-h" or "-?" => options with { Help = Flag() },
                _ => throw new QuickstartException($"Unknown option {arguments[index]}; --help lists them."),
            };

            string Value() =>
                attached ?? (++index < arguments.Count ? arguments[index] : throw new QuickstartException($"{name} needs a value."));

            int Port(string text) =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
                    ? port
                    : throw new QuickstartException($"{name} must be a port from 1 to 65535, not \"{text}\".");

            bool Flag() => attached is null ? true : throw new QuickstartException($"{name} takes no value.");
        }

        return options;
    }

    private static (string Name, string? Attached) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }
}
