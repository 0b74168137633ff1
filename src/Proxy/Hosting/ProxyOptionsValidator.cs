using System.Net;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Validation;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.Hosting;

/// <summary>Names every mistake in the configuration at once, by its key.</summary>
internal sealed class ProxyOptionsValidator : IValidateOptions<ProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, ProxyOptions options)
    {
        var errors = new List<string>();
        ControlPlaneOptionsValidator.Validate(options, errors);
        CheckListener(errors, "Mesh:Outbound:Url", options.Outbound.Url);
        CheckListener(errors, "Mesh:Inbound:Url", options.Inbound.Url);
        CheckListener(errors, "Mesh:Admin:Url", options.Admin.Url);
        CheckCertificate(errors, "Mesh:Outbound:Certificate", options.Outbound.Certificate);
        CheckCertificate(errors, "Mesh:Inbound:Certificate", options.Inbound.Certificate);
        if (AbsoluteUri.TryParse(options.Admin.Url, out var admin) && !Loopback.IsListener(admin) && options.Admin.TokenFile is null)
        {
            errors.Add($"Mesh:Admin:Url is '{options.Admin.Url}', which other machines can reach: name a file with a token in Mesh:Admin:TokenFile, or use a loopback address.");
        }

        if (options.Admin.TokenFile is { } file && string.IsNullOrWhiteSpace(file))
        {
            // Whoever set it meant that pages need a token; without one they would be open.
            errors.Add("Mesh:Admin:TokenFile is empty; name a file with a token of at least 32 characters, or leave it out.");
        }

        if (options.Admin.Certificate.Path is not null)
        {
            errors.Add("Mesh:Admin:Certificate is set, but the admin listener is not called by TLS; remove it.");
        }

        foreach (var (tcp, index) in options.Tcp.Select(static (tcp, index) => (tcp, index)))
        {
            CheckService(errors, $"Mesh:Tcp:{index}:Service", tcp.Service);
            CheckTcp(errors, $"Mesh:Tcp:{index}:Url", tcp.Url);
        }

        CheckLabel(errors, "Mesh:Namespace", options.Namespace);
        CheckLabel(errors, "Mesh:Region", options.Region);
        CheckLabel(errors, "Mesh:Zone", options.Zone);
        if (!SpiffeId.IsTrustDomain(options.TrustDomain))
        {
            errors.Add($"Mesh:TrustDomain is '{options.TrustDomain}'; it must be lower-case letters, digits, dots, hyphens and underscores.");
        }

        errors.AddRange(options.Identity.Validate());
        foreach (var (service, index) in options.WarmUp.Select(static (service, index) => (service, index)))
        {
            CheckService(errors, $"Mesh:WarmUp:{index}", service);
        }

        if (options.App.Service is { } application)
        {
            CheckService(errors, "Mesh:App:Service", application);
            if (options.App.Port is < 1 or > 65535)
            {
                errors.Add($"Mesh:App:Port is {options.App.Port}; Mesh:App:Service needs the application's port, 1 to 65535.");
            }
        }

        if (options.App is { Service: not null, AdvertisedHost: null })
        {
            CheckAdvertised(errors, options.Inbound.Url, "peers", "Mesh:App:AdvertisedHost");
        }

        CheckMode(errors, options);

        if (options.App is { Service: null, Port: not 0 })
        {
            errors.Add("Mesh:App:Port is set without Mesh:App:Service; name the application's service (namespace/name).");
        }

        if (!EndpointId.IsValid(options.App.EndpointId ?? options.EffectiveIdOrDefault))
        {
            errors.Add($"Mesh:App:EndpointId (or Mesh:ProxyId) is '{options.App.EndpointId ?? options.EffectiveIdOrDefault}'; it must be {EndpointId.Rule}.");
        }

        var announced = new EndpointSpec
        {
            Host = options.App.AdvertisedHost ?? "127.0.0.1",
            Port = 1,
            Weight = options.App.Weight,
            Labels = options.App.Labels.AsReadOnly(),
        };
        errors.AddRange(SpecValidator.Check(announced).Select(static error =>
            $"Mesh:App:{error.Path.Replace("$.host", "AdvertisedHost").Replace("$.weight", "Weight").Replace("$.labels", "Labels")} {error.Message}"));

        CheckPositive(errors, "Mesh:App:HealthCheck:Interval", options.App.HealthCheck.Interval);
        CheckPositive(errors, "Mesh:App:HealthCheck:Timeout", options.App.HealthCheck.Timeout);
        if (options.App.HealthCheck.UnhealthyAfter < 1)
        {
            errors.Add("Mesh:App:HealthCheck:UnhealthyAfter must be at least 1.");
        }

        if (options.Drain.Delay < TimeSpan.Zero || options.Drain.Timeout < TimeSpan.Zero)
        {
            errors.Add("Mesh:Drain:Delay and Mesh:Drain:Timeout must not be negative.");
        }

        errors.AddRange(options.Limits.Validate());
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckMode(List<string> errors, ProxyOptions options)
    {
        if (!Enum.IsDefined(options.Mode))
        {
            errors.Add($"Mesh:Mode is '{options.Mode}'; write {string.Join(", ", Enum.GetNames<ProxyMode>())}.");
        }

        if (options is { Mode: ProxyMode.Host or ProxyMode.Gateway, App: { Service: not null } or { Port: not 0 } })
        {
            errors.Add($"Mesh:App is set, but a proxy of Mesh:Mode {options.Mode} stands beside no application; remove it, or start a second proxy for the application.");
        }

        if (options.App.Service == ReservedNames.Gateways.ToString())
        {
            errors.Add($"Mesh:App:Service is '{ReservedNames.Gateways}', which gateways register themselves as; start a gateway with Mesh:Mode=Gateway.");
        }

        if (options.Mode != ProxyMode.Gateway)
        {
            if (options.Gateway is { AdvertisedHost: not null } or { AdvertisedPort: not null })
            {
                errors.Add("Mesh:Gateway is set without Mesh:Mode=Gateway; set that, or remove it.");
            }

            return;
        }

        if (options.Gateway.AdvertisedHost is null)
        {
            CheckAdvertised(errors, options.Inbound.Url, "other regions", "Mesh:Gateway:AdvertisedHost");
        }

        var announced = new EndpointSpec
        {
            Host = options.Gateway.AdvertisedHost ?? "127.0.0.1",
            Port = options.Gateway.AdvertisedPort ?? 1,
            Weight = options.Gateway.Weight,
        };
        errors.AddRange(SpecValidator.Check(announced).Select(static error =>
            $"Mesh:Gateway:{error.Path.Replace("$.host", "AdvertisedHost").Replace("$.port", "AdvertisedPort").Replace("$.weight", "Weight")} {error.Message}"));
    }

    /// <param name="who">Who has to be told where the listener is.</param>
    private static void CheckAdvertised(List<string> errors, string url, string who, string key)
    {
        if (AbsoluteUri.TryParse(url, out var inbound)
            && IPAddress.TryParse(inbound.DnsSafeHost, out var address)
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            errors.Add($"Mesh:Inbound:Url listens on every address ({address}); say by which one {who} reach it in {key}.");
        }
    }

    private static void CheckListener(List<string> errors, string key, string url)
    {
        if (!IsHttp(url) || new Uri(url) is not { PathAndQuery: "/" } uri
            || !(uri.Host == "localhost" || IPAddress.TryParse(uri.Host, out _)))
        {
            errors.Add($"{key} is '{url}'; write http://, an IP address or localhost, and a port, such as http://127.0.0.1:4140.");
        }
    }

    private static void CheckTcp(List<string> errors, string key, string url)
    {
        if (!AbsoluteUri.TryParse(url, out var uri) || uri.Scheme != "tcp" || uri.Port < 0 || uri.PathAndQuery is not ("" or "/")
            || !(uri.Host == "localhost" || IPAddress.TryParse(uri.Host, out _)))
        {
            errors.Add($"{key} is '{url}'; write tcp://, an IP address or localhost, and a port, such as tcp://127.0.0.1:5432.");
        }
    }

    private static void CheckCertificate(List<string> errors, string section, CertificateOptions certificate)
    {
        if (certificate is { Path: null } and not { KeyPath: null, Password: null, ClientRoots: null, ClientNames.Count: 0, MinVersion: "1.2" })
        {
            errors.Add($"{section}:Path is missing; everything else in {section} means nothing without it.");
        }

        if (certificate is { ClientRoots: null, ClientNames.Count: > 0 })
        {
            errors.Add($"{section}:ClientNames means nothing without {section}:ClientRoots, the authorities of callers' certificates.");
        }

        if (certificate.MinVersion is not ("1.2" or "1.3"))
        {
            errors.Add($"{section}:MinVersion is '{certificate.MinVersion}'; write 1.2 or 1.3.");
        }

        foreach (var (key, file) in new[] { ("Path", certificate.Path), ("KeyPath", certificate.KeyPath), ("ClientRoots", certificate.ClientRoots) })
        {
            if (file is not null && !File.Exists(file))
            {
                errors.Add($"{section}:{key} is '{file}'; there is no such file.");
            }
        }
    }

    private static bool IsHttp(string url) => AbsoluteUri.TryParse(url, out var uri) && uri.Scheme == Uri.UriSchemeHttp;

    private static void CheckLabel(List<string> errors, string key, string? value)
    {
        if (value is not null && !DnsLabel.IsValid(value))
        {
            errors.Add($"{key} is '{value}'; it must be {DnsLabel.Rule}.");
        }
    }

    private static void CheckService(List<string> errors, string key, string value)
    {
        if (!ServiceName.TryParse(value, out _))
        {
            errors.Add($"{key} is '{value}'; write a service as namespace/name, each {DnsLabel.Rule}.");
        }
    }

    private static void CheckPositive(List<string> errors, string key, TimeSpan value)
    {
        if (value <= TimeSpan.Zero)
        {
            errors.Add($"{key} is {value}; it must be more than zero.");
        }
    }
}
