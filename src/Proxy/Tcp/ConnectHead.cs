using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using HttpMethod = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpMethod;
using HttpVersion = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpVersion;

namespace Mesh.Proxy.Tcp;

/// <summary>The head of an HTTP/1.1 CONNECT request, read with Kestrel's own parser, so that nothing passes that Kestrel would refuse.</summary>
internal sealed class ConnectHead : IHttpRequestLineHandler, IHttpHeadersHandler
{
    /// <summary>As many bytes as Kestrel takes for the headers of a request, by default.</summary>
    public const int MaxSize = 32 * 1024;

    /// <summary>As many as Kestrel takes, by default. Each one more of a name copies all before it.</summary>
    public const int MaxHeaders = 100;

    private static readonly HttpParser<ConnectHead> Parser = new(showErrorDetails: true);

    private readonly HttpRequest _request = new DefaultHttpContext().Request;
    private string? _target;
    private bool _hasLine;
    private int _headers;

    /// <summary>Goes on where the last call stopped.</summary>
    /// <returns>Null when there are too few bytes yet.</returns>
    /// <exception cref="BadHttpRequestException">It is not one that can be understood in only one way.</exception>
    public HttpRequest? TryRead(in ReadOnlySequence<byte> buffer, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(buffer);
        var isComplete = ((_hasLine || (_hasLine = Parser.ParseRequestLine(this, ref reader))) && Parser.ParseHeaders(this, ref reader));
        consumed = reader.Position;
        return isComplete ? ToRequest() : null;
    }

    void IHttpRequestLineHandler.OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
    {
        if (versionAndMethod.Method != HttpMethod.Connect || versionAndMethod.Version is not (HttpVersion.Http10 or HttpVersion.Http11))
        {
            throw new BadHttpRequestException("not a CONNECT request of HTTP/1.1");
        }

        _target = Encoding.ASCII.GetString(startLine[targetPath.Offset..]);
    }

    void IHttpHeadersHandler.OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (++_headers > MaxHeaders)
        {
            throw new BadHttpRequestException($"a CONNECT request with more than {MaxHeaders} headers", StatusCodes.Status431RequestHeaderFieldsTooLarge);
        }

        _request.Headers.Append(Encoding.ASCII.GetString(name), Encoding.Latin1.GetString(value));
    }

    void IHttpHeadersHandler.OnHeadersComplete(bool endStream)
    {
    }

    void IHttpHeadersHandler.OnStaticIndexedHeader(int index) => throw new NotSupportedException();

    void IHttpHeadersHandler.OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => throw new NotSupportedException();

    private HttpRequest ToRequest()
    {
        var headers = _request.Headers;
        if (headers.Host.Count != 1 || !string.Equals(headers.Host, _target, StringComparison.OrdinalIgnoreCase))
        {
            throw new BadHttpRequestException($"the Host '{headers.Host}' and the target '{_target}' of CONNECT are not the same");
        }

        if (headers.ContainsKey("Content-Length") || headers.TransferEncoding.Count > 0)
        {
            throw new BadHttpRequestException("a CONNECT request has no body (RFC 9110, section 9.3.6)");
        }

        _request.Method = HttpMethods.Connect;
        return _request;
    }
}
