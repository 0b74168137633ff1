using System.Text;
using Mesh.Abstractions.Routing;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Filters;

/// <summary>A compiled <see cref="DirectResponse"/>. gRPC callers get the status that gRPC maps it to, with the body as message.</summary>
internal sealed class DirectResponseFilter
{
    private readonly int _status;
    private readonly string _text;
    private readonly byte[] _body;
    private readonly string _contentType;

    /// <exception cref="ArgumentException">The status is none.</exception>
    public DirectResponseFilter(DirectResponse response)
    {
        if (response.Status is < 200 or > 599)
        {
            throw new ArgumentException($"{response.Status} is not the status of a fixed response");
        }

        _status = response.Status;
        _text = response.Body ?? "";
        _body = Encoding.UTF8.GetBytes(_text);
        _contentType = response.ContentType;
    }

    public Task AnswerAsync(HttpContext context) =>
        FixedAnswer.WriteAsync(context, _status, _contentType, _body, GrpcStatus.FromHttp(_status), _text);
}
