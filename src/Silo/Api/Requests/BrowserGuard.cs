using Mesh.Abstractions.Naming;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Problems;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Mesh.Silo.Api.Requests;

/// <summary>
/// Keeps web pages that an administrator happens to visit away from an API that, on loopback, asks for no password:
/// writes from another origin are refused, and so is a name that somebody else's DNS points at loopback (DNS rebinding).
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, IServer server, ApiAccessSettings settings)
{
    /// <summary>Made of the server's addresses once it has bound them; they do not change.</summary>
    private volatile Tuple<bool>? _isLoopbackOnly;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (IsLoopbackOnly() && !Loopback.IsHost(request.Host.Host) && !settings.AllowedHosts.Contains(request.Host.Host))
        {
            throw ApiException.Forbidden(
                "This silo listens on loopback only, so the Host header must be localhost, a loopback address, or one of Mesh:Api:AllowedHosts.");
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method) && IsCrossSite(request))
        {
            throw ApiException.Forbidden("Writes from a web page of another origin are refused (Origin, Sec-Fetch-Site).");
        }

        return next(context);
    }

    private static bool IsCrossSite(HttpRequest request)
    {
        foreach (var site in request.Headers["Sec-Fetch-Site"])
        {
            if (site is not ("same-origin" or "none"))
            {
                return true;
            }
        }

        // Older browsers send no more than this. Ports count: http://localhost:3000 is another's page than http://localhost:4180.
        return request.Headers.Origin is [{ } origin, ..]
            && !(AbsoluteUri.TryParse(origin, out var uri)
                && uri.Authority.Equals(new HostString(request.Host.Value ?? "").ToUriComponent(), StringComparison.OrdinalIgnoreCase));
    }

    private bool IsLoopbackOnly()
    {
        if (_isLoopbackOnly is { } known)
        {
            return known.Item1;
        }

        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (addresses.Count == 0)
        {
            return false;
        }

        var isLoopback = addresses.All(
            static address => AbsoluteUri.TryParse(address, out var uri) && Loopback.IsHost(uri.Host));
        _isLoopbackOnly = Tuple.Create(isLoopback);
        return isLoopback;
    }
}
