using System.Net.Http.Headers;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;

namespace Mesh.Proxy.Resilience;

/// <summary>A request that can be sent a second time: its head, and its body once all of it is there.</summary>
internal sealed class HedgeRequest
{
    private readonly HttpMethod _method;
    private readonly string _target;
    private readonly KeyValuePair<string, HeaderStringValues>[] _headers;
    private readonly KeyValuePair<string, HeaderStringValues>[]? _contentHeaders;
    private byte[]? _content;

    private HedgeRequest(HttpRequestMessage request)
    {
        _method = request.Method;
        _target = request.RequestUri!.PathAndQuery;
        _headers = [.. request.Headers.NonValidated];
        _contentHeaders = request.Content is null ? null : [.. request.Content.Headers.NonValidated];
    }

    public static HedgeRequest Of(HttpRequestMessage request) => new(request);

    /// <returns>False when not all of the body is known.</returns>
    public bool TryComplete(ReplayableBody? body)
    {
        if (_contentHeaders is null)
        {
            return true;
        }

        _content = body?.TryCopyWhole();
        return _content is not null;
    }

    /// <param name="protocol">What the endpoint speaks.</param>
    /// <param name="isSecure">It is called by mutual TLS.</param>
    public HttpRequestMessage For(UpstreamEndpoint endpoint, ServiceProtocol protocol, bool isSecure)
    {
        var config = UpstreamClient.For(protocol);
        var request = new HttpRequestMessage(_method, RequestTarget.Combine(isSecure ? endpoint.SecurePrefix! : endpoint.Prefix, _target))
        {
            Version = config.Version!,
            VersionPolicy = config.VersionPolicy!.Value,
        };
        if (isSecure)
        {
            MeshDialer.Address(request, endpoint);
        }

        if (_content is not null)
        {
            request.Content = new ByteArrayContent(_content);
            Copy(_contentHeaders!, request.Content.Headers);
        }

        Copy(_headers, request.Headers);
        return request;
    }

    private static void Copy(KeyValuePair<string, HeaderStringValues>[] from, HttpHeaders to)
    {
        foreach (var (name, values) in from)
        {
            if (values.Count == 1)
            {
                to.TryAddWithoutValidation(name, values.ToString());
            }
            else
            {
                to.TryAddWithoutValidation(name, values);
            }
        }
    }
}
