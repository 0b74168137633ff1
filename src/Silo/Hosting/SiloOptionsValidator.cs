using System.Net;
using Mesh.Abstractions.Connections;
using Mesh.Grains.Security.Tokens;
using Microsoft.Extensions.Options;

namespace Mesh.Silo.Hosting;

/// <summary>Names every mistake in the configuration at once, by its key.</summary>
internal sealed class SiloOptionsValidator : IValidateOptions<SiloOptions>
{
    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        var errors = new List<string>();
        ApiOptionsValidator.Validate(options.Api, errors);
        if (options.Api.Audit.MaxEntries is < SiloOptions.AuditOptions.LeastEntries or > SiloOptions.AuditOptions.MostEntries)
        {
            errors.Add(
                $"Mesh:Api:Audit:MaxEntries is {options.Api.Audit.MaxEntries}; it must be {SiloOptions.AuditOptions.LeastEntries} to {SiloOptions.AuditOptions.MostEntries}. " +
                "To keep more, collect the log lines of the category Mesh.Audit.");
        }

        if (!IPAddress.TryParse(options.Silo.Host, out var host) || host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any))
        {
            errors.Add($"Mesh:Silo:Host is '{options.Silo.Host}'; write the IP address by which other silos and proxies reach this one.");
        }

        CheckPort(errors, "Mesh:Silo:Port", options.Silo.Port);
        CheckPort(errors, "Mesh:Silo:GatewayPort", options.Silo.GatewayPort);
        if (options.Silo.Port == options.Silo.GatewayPort)
        {
            errors.Add($"Mesh:Silo:Port and Mesh:Silo:GatewayPort are both {options.Silo.Port}; give them different ports.");
        }

        CheckTls(errors, options.Silo);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckTls(List<string> errors, SiloOptions.ClusterOptions silo)
    {
        if (silo.Secret is not null && !IsSecret(silo.Secret))
        {
            errors.Add($"Mesh:Silo:Secret is not {CallTokens.MinSecretLength} bytes or more in Base64; make one with: openssl rand -base64 {CallTokens.MinSecretLength}");
        }

        if (silo.Tls.Mode == TlsMode.Off)
        {
            return;
        }

        if (silo.Tls is { Certificate: null, Key: null, Roots: null })
        {
            // Of the mesh's own authority.
            return;
        }

        foreach (var (key, file) in new[] { ("Certificate", silo.Tls.Certificate), ("Key", silo.Tls.Key), ("Roots", silo.Tls.Roots) })
        {
            if (file is null || !File.Exists(file))
            {
                errors.Add($"Mesh:Silo:Tls:{key} is '{file}', and Mesh:Silo:Tls:Mode is {silo.Tls.Mode}; name a PEM file that exists.");
            }
        }
    }

    private static bool IsSecret(string text) =>
        Convert.TryFromBase64String(text, new byte[text.Length], out var length) && length >= CallTokens.MinSecretLength;

    private static void CheckPort(List<string> errors, string key, int port)
    {
        if (port is < 1 or > 65535)
        {
            errors.Add($"{key} is {port}; it must be 1 to 65535.");
        }
    }
}
