using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>TLS to endpoints outside of the mesh.</summary>
internal static class UpstreamTlsValidator
{
    public static void Validate(UpstreamTls tls, JsonPath path, SpecErrors errors)
    {
        if (!DnsLabel.IsValidName(tls.ServerName))
        {
            errors.Add(path.Field("serverName"), $"{Bounds.Quote(tls.ServerName)} is not a DNS name in lower case");
        }

        var names = path.Field("subjectAltNames");
        Bounds.CheckCount(tls.SubjectAltNames.Count, SpecLimits.SubjectAltNames, names, errors);
        for (var i = 0; i < tls.SubjectAltNames.Count && !errors.IsFull; i++)
        {
            var name = tls.SubjectAltNames[i];
            if (!DnsLabel.IsValidName(name) && !(name.Length <= SpecLimits.UrlLength && name.Contains("://", StringComparison.Ordinal) && AbsoluteUri.TryParse(name, out _)))
            {
                errors.Add(names.Item(i), $"{Bounds.Quote(name)} is neither a DNS name in lower case nor a URI");
            }
        }

        if (tls.Roots is { } roots && !Pem.TryReadCertificates(roots, out _))
        {
            errors.Add(path.Field("roots"), $"is not PEM with 1 to {Pem.MaxCertificates} certificates");
        }

        if (tls.MinVersion is not ("1.2" or "1.3"))
        {
            errors.Add(path.Field("minVersion"), $"{Bounds.Quote(tls.MinVersion)} is not a version: write \"1.2\" or \"1.3\"");
        }
    }
}
