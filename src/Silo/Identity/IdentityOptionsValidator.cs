using Mesh.Abstractions.Naming;
using Microsoft.Extensions.Options;

namespace Mesh.Silo.Identity;

/// <summary>Names every mistake at once, by its key. What is in the files is looked at when it is needed.</summary>
internal sealed class IdentityOptionsValidator : IValidateOptions<IdentityOptions>
{
    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        var errors = new List<string>();
        if (!SpiffeId.IsTrustDomain(options.TrustDomain))
        {
            errors.Add($"Mesh:TrustDomain is '{options.TrustDomain}'; it must be lower-case letters, digits, dots, hyphens and underscores.");
        }

        var ca = options.Identity.Ca;
        if (ca.Certificate is null != ca.Key is null)
        {
            errors.Add("Mesh:Identity:Ca:Certificate and Mesh:Identity:Ca:Key belong together; give both, or neither.");
        }

        CheckFile("Mesh:Identity:Ca:Certificate", ca.Certificate, errors);
        CheckFile("Mesh:Identity:Ca:Key", ca.Key, errors);
        CheckFile("Mesh:Identity:Ca:Roots", ca.Roots, errors);
        CheckKubernetes(options.Identity.Kubernetes, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckKubernetes(IdentityOptions.KubernetesOptions kubernetes, List<string> errors)
    {
        if (kubernetes.Url is null)
        {
            return;
        }

        if (!AbsoluteUri.TryParse(kubernetes.Url, out var url)
            || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && Loopback.IsHost(url.Host))))
        {
            errors.Add($"Mesh:Identity:Kubernetes:Url is '{kubernetes.Url}'; write https:// and the API server, such as https://kubernetes.default.svc.");
        }

        if (string.IsNullOrWhiteSpace(kubernetes.Audience))
        {
            errors.Add("Mesh:Identity:Kubernetes:Audience is empty; write whom the proxies' tokens are made for, such as mesh.");
        }

        CheckFile("Mesh:Identity:Kubernetes:TokenFile", kubernetes.TokenFile, errors);
        CheckFile("Mesh:Identity:Kubernetes:CaFile", kubernetes.CaFile, errors);
    }

    private static void CheckFile(string key, string? path, List<string> errors)
    {
        if (path is not null && !File.Exists(path))
        {
            errors.Add($"{key} is '{path}', where there is no file this process can read.");
        }
    }
}
