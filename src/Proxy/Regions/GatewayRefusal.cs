using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Regions;

/// <summary>
/// Tells the answer of a gateway that has not passed a request on, because its region has nowhere to send it, from the
/// answer of an application: the request may be sent elsewhere.
/// </summary>
internal static class GatewayRefusal
{
    /// <returns>Null for an answer like any other.</returns>
    public static TryResult? Of(HttpResponseMessage answer)
    {
        if (!answer.Headers.NonValidated.TryGetValues(ErrorResponse.CodeHeader, out var values))
        {
            return null;
        }

        var code = values.ToString();

        // Never as if there was no connection: some of the request's body is gone.
        var error = code == ProxyError.Overloaded.Code ? ProxyError.Overloaded
            : code == ProxyError.NoEndpoints.Code || code == ProxyError.UnknownService.Code || code == ProxyError.ConnectFailed.Code ? ProxyError.NoEndpoints
            : null;
        return error is null
            ? null
            : TryResult.Failed(error, $"the gateway answered {code}: its region cannot take the request at the moment") with { IsUnprocessed = true };
    }
}
