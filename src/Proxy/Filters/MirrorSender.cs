using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Services;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Filters;

/// <summary>
/// Sends copies of requests and drops the answers. The real request pays for copying its headers and the bytes of its
/// body; all else happens on other threads, within bounds of number, memory and time, and whatever goes wrong there
/// is only counted.
/// </summary>
internal sealed class MirrorSender(UpstreamClient client, IServiceSource source, TimeProvider time, Random random)
{
    /// <summary>Copies on their way at a time, of all rules together; those beyond are dropped.</summary>
    public const int MaxInFlight = 256;

    /// <summary>Marks a copy, so that nobody takes it for a request.</summary>
    private const string MarkHeader = "mesh-mirror";

    /// <summary>30 s for a copy and its answer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly List<EndpointStats> None = [];

    private int _inFlight;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Starts to send the copies that a request's rule and backend ask for.</summary>
    /// <returns>What to dispose of when the request is over; null for nothing.</returns>
    public IDisposable? Start(OutboundCall call)
    {
        if (RequestRetries.IsUpgrade(call.Context))
        {
            return null;
        }

        List<MirrorCopy>? bodies = null;
        var hasBody = RequestBody.MayExist(call.Context);
        foreach (var target in call.Changes!.Mirrors!)
        {
            if (!target.IsDrawn(random))
            {
                continue;
            }

            target.Service.Touch(call.Arrived);
            if (Interlocked.Increment(ref _inFlight) > MaxInFlight)
            {
                Finish(target, FilterAction.MirrorDropped);
                continue;
            }

            var body = hasBody ? new MirrorCopy() : null;
            if (TryCopy(call, body) is not { } request)
            {
                body?.Dispose();
                Finish(target, FilterAction.MirrorFailed);
                continue;
            }

            var path = RequestTarget.PathAndQuery(call);
            _ = Task.Run(() => SendAsync(target, request, body, path));
            if (body is not null)
            {
                (bodies ??= []).Add(body);
            }
        }

        return bodies is null ? null : new TeeBody(call.Context.Request, bodies);
    }

    /// <summary>The request as the endpoint gets it, and the mark.</summary>
    /// <returns>Null when it cannot be copied.</returns>
    private static HttpRequestMessage? TryCopy(OutboundCall call, MirrorCopy? body)
    {
        var request = new HttpRequestMessage { Method = HttpMethod.Parse(call.Context.Request.Method), Content = body };
        try
        {
            // It has nothing to wait for, and must not: the context belongs to the request, which may be over soon.
            var copied = HttpTransformer.Empty.TransformRequestAsync(call.Context, request, "", CancellationToken.None);
            if (!copied.IsCompletedSuccessfully)
            {
                return null;
            }

            call.Changes!.Apply(request);
        }
        catch (Exception)
        {
            // Whatever the real request cannot carry either, it must fail of its own.
            return null;
        }

        if (call.Service.Via is { } via)
        {
            request.Headers.TryAddWithoutValidation("Via", via.For(call.Context.Request.Protocol));
        }

        request.Headers.Remove("Expect");
        request.Headers.Remove(MarkHeader);
        request.Headers.TryAddWithoutValidation(MarkHeader, "1");
        return request;
    }

    private async Task SendAsync(MirrorTarget target, HttpRequestMessage request, MirrorCopy? body, string path)
    {
        var outcome = FilterAction.MirrorDropped;
        try
        {
            using var limit = new CancellationTokenSource(Limit, time);
            if (await PickAsync(target.Service, limit.Token) is { } endpoint)
            {
                if (endpoint.IsGateway)
                {
                    request.Headers.TryAddWithoutValidation(BackendHeader.Name, BackendHeader.Format(target.Service.Name, labels: null));
                }

                outcome = await SendAsync(target.Service.Model?.Client ?? client, endpoint, request, path, limit.Token) ? FilterAction.Mirror
                    : body?.IsGivenUp == true ? FilterAction.MirrorDropped
                    : FilterAction.MirrorFailed;
            }
        }
        catch (Exception)
        {
            // Whatever it is, it must not become anybody else's problem.
            outcome = FilterAction.MirrorFailed;
        }
        finally
        {
            request.Dispose();
            Finish(target, outcome);
        }
    }

    private void Finish(MirrorTarget target, FilterAction outcome)
    {
        Interlocked.Decrement(ref _inFlight);
        target.Counters.Count(outcome);
    }

    /// <returns>An endpoint that may get requests and is not on probation; null when there is none.</returns>
    private async ValueTask<UpstreamEndpoint?> PickAsync(ServiceState service, CancellationToken cancellationToken)
    {
        var model = service.Model ?? (await source.FindAsync(service.Host, cancellationToken)).Service?.Model;
        return model?.Endpoints.PickAgain(new PickContext(time.GetTimestamp()), None);
    }

    /// <returns>Whether the endpoint answered, to the end.</returns>
    private async Task<bool> SendAsync(
        UpstreamClient connections, UpstreamEndpoint endpoint, HttpRequestMessage request, string path, CancellationToken cancellationToken)
    {
        var isSecure = connections.IsSecure(endpoint);
        var protocol = isSecure ? UpstreamClient.SecureProtocol(endpoint)
            : endpoint.Protocol == ServiceProtocol.Auto ? await endpoint.Stats.Protocol.GetAsync(endpoint, connections.ConnectTimeout, cancellationToken)
            : endpoint.Protocol;
        var config = UpstreamClient.For(protocol);
        request.RequestUri = RequestTarget.Combine(isSecure ? endpoint.SecurePrefix! : endpoint.Prefix, path);
        if (isSecure)
        {
            MeshDialer.Address(request, endpoint);
        }

        request.Version = config.Version!;
        request.VersionPolicy = config.VersionPolicy!.Value;
        var started = time.GetTimestamp();
        endpoint.Stats.Begin();
        try
        {
            using var response = await connections.Invoker.SendAsync(request, cancellationToken);
            endpoint.Stats.Answered((int)response.StatusCode, started);
            await response.Content.CopyToAsync(Stream.Null, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            // Another program may have taken the endpoint's place.
            endpoint.Stats.Protocol.Doubt();
            return false;
        }
        finally
        {
            endpoint.Stats.End();
        }
    }
}
