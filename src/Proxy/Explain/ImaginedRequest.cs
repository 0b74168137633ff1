using System.Net;
using Mesh.Abstractions.Explain;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Explain;

/// <summary>A described request in the form in which real ones arrive, so that the same code decides it.</summary>
internal static class ImaginedRequest
{
    public static HttpContext Create(ExplainRequest described)
    {
        // As Kestrel does: decoded except for slashes, and without dot segments.
        var target = new Uri($"http://imagined{described.Path}");
        var context = new DefaultHttpContext();
        var request = context.Request;
        request.Method = described.Method;
        request.Scheme = Uri.UriSchemeHttp;
        request.Path = PathString.FromUriComponent(target);
        request.QueryString = QueryString.FromUriComponent(target);
        foreach (var (name, value) in described.Headers)
        {
            request.Headers[name] = value;
        }

        request.Headers.Host = described.Authority;
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = described.Path;
        context.Connection.RemoteIpAddress = described.Source is null ? null : IPAddress.Parse(described.Source);
        return context;
    }
}
