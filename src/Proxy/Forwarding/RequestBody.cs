using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Forwarding;

/// <summary>Whether there is a body, before anybody reads it.</summary>
internal static class RequestBody
{
    /// <summary>False only when a request certainly has none; where the server cannot tell, it may.</summary>
    public static bool MayExist(HttpContext context) => context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false;
}
