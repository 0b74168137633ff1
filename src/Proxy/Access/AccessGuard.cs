using System.Net;
using Mesh.Abstractions.Naming;
using Mesh.Proxy.Access.External;
using Mesh.Proxy.Access.Tokens;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Primitives;

namespace Mesh.Proxy.Access;

/// <summary>Lets in who may call the application beside the proxy, by the policy of its service and the settings of its namespace.</summary>
internal sealed partial class AccessGuard(
    DataPathOptions options,
    ServiceTable services,
    IServiceSource source,
    TokenVerifier tokens,
    ExternalAuthorizer external,
    AccessStats stats,
    OpenRequests open,
    TimeProvider time,
    ILogger<AccessGuard> logger)
{
    /// <summary>RFC 6750, section 3.1.</summary>
    private const string InvalidToken = "Bearer error=\"invalid_token\"";

    private readonly ServiceName? _service = options.Service;
    private readonly LogLimit _logLimit = new(time, TimeSpan.FromSeconds(1));
    private Task? _firstPolicy;

    /// <summary>Decides about a request; what was let in has to <see cref="Leave"/>.</summary>
    public ValueTask<(AccessRefusal? Refusal, OpenRequest? Request)> AdmitAsync(HttpContext context)
    {
        var request = new AccessRequest(
            context.Features.Get<CallingPeer>(),
            context.Connection.RemoteIpAddress,
            context.Request.Method,
            AccessPath.Normalize(context.Request.Path.Value ?? ""));
        if (_service is not { } service)
        {
            return ValueTask.FromResult<(AccessRefusal?, OpenRequest?)>((null, null));
        }

        var model = services.TryGet(service, out var state) ? state.Model : null;
        if (model is null || IsUndecided(model))
        {
            return AdmitFirstAsync(context, request, service);
        }

        if (model.Access.Policy is not { Jwt.Count: 0, External: null })
        {
            return AdmitByOthersAsync(context, request, model);
        }

        var refusal = Decide(model, request);
        return ValueTask.FromResult<(AccessRefusal?, OpenRequest?)>(refusal is null ? (null, Enter(new OpenRequest(request, context))) : (refusal, null));
    }

    /// <summary>Decides about a connection of opaque bytes; what was let in has to <see cref="Leave"/>.</summary>
    public (AccessRefusal? Refusal, OpenRequest? Request) Admit(ConnectionContext connection)
    {
        if (_service is not { } service)
        {
            return (null, null);
        }

        var request = new AccessRequest(
            connection.Features.Get<CallingPeer>(), (connection.RemoteEndPoint as IPEndPoint)?.Address, Method: null, Path: null);
        var model = services.TryGet(service, out var state) ? state.Model : null;
        var refusal = model is null || IsUndecided(model) ? RefuseUnknown(service) : Decide(model, request);
        return refusal is null ? (null, Enter(new OpenRequest(request, connection))) : (refusal, null);
    }

    public void Leave(OpenRequest? request)
    {
        if (request is not null)
        {
            open.Remove(request);
        }
    }

    /// <summary>Ends what is under way and would not be let in any more.</summary>
    public void Enforce(ServiceModel model)
    {
        foreach (var request in open.ToList())
        {
            if (model.Access.Decide(request.Request, model.Namespace.Settings) is { IsAllowed: false } decision && request.Abort(decision.Reason!))
            {
                stats.CountEnded();
                LogEnded(request.Request.Describe(), decision.Reason!);
            }
        }
    }

    /// <summary>
    /// Until it is known for the first time who may call, requests wait for that, once and not for long. A control plane that
    /// is away does not stop them after that, unless the operator wants it so.
    /// </summary>
    private async ValueTask<(AccessRefusal?, OpenRequest?)> AdmitFirstAsync(HttpContext context, AccessRequest request, ServiceName service)
    {
        var first = _firstPolicy ??= source.FindAsync($"{service.Name}.{service.Namespace}", CancellationToken.None).AsTask();
        try
        {
            await first.WaitAsync(context.RequestAborted);
        }
        catch (Exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Why it was not found out is told by who keeps services fresh.
        }

        if (services.TryGet(service, out var state) && state.Model is { } model && !IsUndecided(model))
        {
            return await AdmitByOthersAsync(context, request, model);
        }

        return RefuseUnknown(service) is { } refusal ? (refusal, null) : (null, Enter(new OpenRequest(request, context)));
    }

    /// <summary>Decides with what token issuers and the authorization server say, where the policy names any.</summary>
    private async ValueTask<(AccessRefusal?, OpenRequest?)> AdmitByOthersAsync(HttpContext context, AccessRequest request, ServiceModel model)
    {
        var policy = model.Access.Policy;
        var isAudit = model.Access.IsAudit(model.Namespace.Settings);
        var verdict = await tokens.VerifyAsync(policy.Jwt, context.Request.Headers.Authorization, context.RequestAborted);
        request = request with { Token = verdict.Token };
        var refusal = verdict.Outcome switch
        {
            TokenOutcome.Refused => Refuse(request, isAudit, ProxyError.Unauthenticated, verdict.Refusal!, InvalidToken),
            TokenOutcome.Unavailable => Refuse(request, isAudit, ProxyError.AuthorizationUnavailable, verdict.Refusal!),
            _ => null,
        };
        refusal ??= Decide(model, request);
        if (refusal is null && policy.External is { } asked)
        {
            var answer = await external.AskAsync(asked, context, request.Peer?.ForwardedCertificate, context.RequestAborted);
            refusal = answer.Outcome switch
            {
                ExternalOutcome.Unauthenticated => Refuse(request, isAudit, ProxyError.Unauthenticated, answer.Reason!, answer.Challenge),
                ExternalOutcome.Denied => Refuse(request, isAudit, ProxyError.Forbidden, answer.Reason!),
                ExternalOutcome.Unavailable => Refuse(request, isAudit, ProxyError.AuthorizationUnavailable, answer.Reason!),
                _ => null,
            };
        }

        return refusal is null ? (null, Enter(new OpenRequest(request, context))) : (refusal, null);
    }

    /// <returns>Null when it is only reported.</returns>
    private AccessRefusal? Refuse(in AccessRequest request, bool isAudit, ProxyError error, string reason, StringValues challenge = default)
    {
        var decision = new AccessDecision(isAudit, Rule: null, reason, IsAudited: isAudit);
        if (isAudit)
        {
            stats.CountAudited(rule: null);
        }
        else
        {
            stats.CountDenied(rule: null);
        }

        Log(request, decision, isAudit);
        return isAudit ? null : new AccessRefusal(error, reason, challenge);
    }

    /// <summary>A service may leave it to its namespace who may call, and nothing is known of that yet, not even that it says nothing.</summary>
    private bool IsUndecided(ServiceModel model) =>
        options.App?.RequirePolicy == true && model.Access.NeedsNamespace && model.Namespace.Model is null;

    private AccessRefusal? RefuseUnknown(ServiceName service) => options.App?.RequirePolicy == true
        ? new AccessRefusal(ProxyError.AuthorizationUnavailable, $"it is not known yet who may call {service} (Mesh:App:RequirePolicy), since the control plane has not been reached")
        : null;

    private AccessRefusal? Decide(ServiceModel model, in AccessRequest request)
    {
        var settings = model.Namespace.Settings;
        if (model.Access.IsOpen(settings))
        {
            return null;
        }

        var decision = model.Access.Decide(request, settings);
        if (decision.IsAudited)
        {
            stats.CountAudited(decision.Rule);
            Log(request, decision, isAudited: true);
        }

        if (decision.IsAllowed)
        {
            stats.CountAllowed();
            return null;
        }

        stats.CountDenied(decision.Rule);
        Log(request, decision, isAudited: false);
        return new AccessRefusal(ProxyError.Forbidden, $"{request.Describe()} may not call {model.Encoded.Service}: {decision.Reason}");
    }

    private OpenRequest Enter(OpenRequest request)
    {
        open.Add(request);
        return request;
    }

    private void Log(in AccessRequest request, in AccessDecision decision, bool isAudited)
    {
        if (!_logLimit.TryPass())
        {
            return;
        }

        if (isAudited)
        {
            LogAudited(request.Describe(), decision.Reason!);
        }
        else
        {
            LogDenied(request.Describe(), decision.Reason!);
        }
    }

    [LoggerMessage(2701, LogLevel.Warning, "Refused {Caller}: {Reason}")]
    private partial void LogDenied(string caller, string reason);

    [LoggerMessage(2702, LogLevel.Warning, "Would refuse {Caller}, but only reports it (audit): {Reason}")]
    private partial void LogAudited(string caller, string reason);

    [LoggerMessage(2703, LogLevel.Warning, "Ended what {Caller} had under way: {Reason}")]
    private partial void LogEnded(string caller, string reason);
}
