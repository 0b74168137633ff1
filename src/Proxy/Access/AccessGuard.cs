using Mesh.Abstractions.Naming;
using Mesh.Proxy.Access.External;
using Mesh.Proxy.Access.Tokens;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Services;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Access;

/// <summary>Lets in who may call the application beside the proxy, by the policy of its service and the settings of its namespace.</summary>
internal sealed class AccessGuard(
    DataPathOptions options,
    ServiceTable services,
    IServiceSource source,
    InboundGuard plaintext,
    TokenVerifier tokens,
    ExternalAuthorizer external,
    AccessReport report,
    OpenRequests open)
{
    /// <summary>RFC 6750, section 3.1.</summary>
    private const string InvalidToken = "Bearer error=\"invalid_token\"";

    private readonly ServiceName? _service = options.Service;
    private Task? _firstPolicy;

    /// <summary>
    /// Until it is known for the first time who may call, requests wait for that, once and not for long. A control plane that
    /// is away does not stop them after that, unless the operator wants it so.
    /// </summary>
    public ValueTask WaitForPolicyAsync(CancellationToken cancellationToken) =>
        _service is not { } service || StateOf(service)?.Model is { } model && !IsUndecided(model) ? ValueTask.CompletedTask : WaitForFirstAsync(service, cancellationToken);

    /// <summary>Decides about a request; what was let in has to <see cref="Leave"/>.</summary>
    public ValueTask<(AccessRefusal? Refusal, OpenRequest? Request)> AdmitAsync(HttpContext context)
    {
        if (_service is not { } service)
        {
            return ValueTask.FromResult<(AccessRefusal?, OpenRequest?)>((null, null));
        }

        var state = StateOf(service);
        var model = state?.Model;
        var request = AccessRequest.Of(context, context.Features.Get<CallingPeer>());
        return model?.Access.Policy is { Jwt.Count: > 0 } or { External: not null }
            ? AdmitByOthersAsync(context, request, state!, model)
            : ValueTask.FromResult(Conclude(new OpenRequest(request, context), state, model, Judge(service, state, model, request)));
    }

    /// <summary>Decides about a connection of opaque bytes; what was let in has to <see cref="Leave"/>.</summary>
    public (AccessRefusal? Refusal, OpenRequest? Request) Admit(ConnectionContext connection)
    {
        if (_service is not { } service)
        {
            return (null, null);
        }

        var state = StateOf(service);
        var model = state?.Model;
        var request = AccessRequest.Of(connection);
        return Conclude(new OpenRequest(request, connection), state, model, Judge(service, state, model, request));
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
            if (Outdated(model, request.Request) is { IsAudited: false } finding && request.Abort(finding.Reason))
            {
                report.Ended(request.Request, finding.Reason);
            }
        }
    }

    private async ValueTask WaitForFirstAsync(ServiceName service, CancellationToken cancellationToken)
    {
        var first = _firstPolicy ??= source.FindAsync($"{service.Name}.{service.Namespace}", CancellationToken.None).AsTask();
        try
        {
            await first.WaitAsync(cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Why it was not found out is told by who keeps services fresh.
        }
    }

    /// <summary>Decides with what token issuers and the authorization server say, where the policy names any.</summary>
    private async ValueTask<(AccessRefusal?, OpenRequest?)> AdmitByOthersAsync(HttpContext context, AccessRequest request, ServiceState state, ServiceModel model)
    {
        var policy = model.Access.Policy;
        var isAudit = model.Access.IsAudit(model.Namespace.Settings);
        var verdict = await tokens.VerifyAsync(policy.Jwt, context.Request.Headers.Authorization, context.RequestAborted);
        request = request with { Token = verdict.Token };
        AccessFinding? finding = verdict.Outcome switch
        {
            TokenOutcome.Refused => new AccessFinding(ProxyError.Unauthenticated, verdict.Refusal!, IsAudited: isAudit, Challenge: InvalidToken),
            TokenOutcome.Unavailable => new AccessFinding(ProxyError.AuthorizationUnavailable, verdict.Refusal!, IsAudited: isAudit),
            _ => null,
        };
        finding ??= Judge(model, request);
        if (finding is not { IsAudited: false } && policy.External is { } asked)
        {
            var answer = await external.AskAsync(asked, context, request.Peer?.ForwardedCertificate, context.RequestAborted);
            finding = AccessFinding.Worse(finding, answer.Outcome switch
            {
                ExternalOutcome.Unauthenticated => new AccessFinding(ProxyError.Unauthenticated, answer.Reason!, IsAudited: isAudit, Challenge: answer.Challenge),
                ExternalOutcome.Denied => new AccessFinding(ProxyError.Forbidden, answer.Reason!, IsAudited: isAudit),
                ExternalOutcome.Unavailable => new AccessFinding(ProxyError.AuthorizationUnavailable, answer.Reason!, IsAudited: isAudit),
                _ => null,
            });
        }

        return Conclude(new OpenRequest(request, context), state, model, finding);
    }

    /// <param name="model">What it was decided by; null when nothing was known.</param>
    private (AccessRefusal? Refusal, OpenRequest? Request) Conclude(OpenRequest entering, ServiceState? state, ServiceModel? model, AccessFinding? finding)
    {
        if (finding is not { IsAudited: false })
        {
            open.Add(entering);

            // From here on whoever applies a change finds it; one that came while others were asked is applied here.
            if (state?.Model is { } now && !ReferenceEquals(now, model) && Outdated(now, entering.Request) is { IsAudited: false } late)
            {
                open.Remove(entering);
                finding = late;
            }
        }

        switch (finding)
        {
            case { IsAudited: false } refused:
                report.Denied(entering.Request, refused);
                return (new AccessRefusal(refused.Error, refused.Reason, refused.Challenge), null);
            case { } audited:
                report.Audited(entering.Request, audited);
                break;
            case null when model is not null && !model.Access.IsOpen(model.Namespace.Settings):
                report.Allowed();
                break;
        }

        return (null, entering);
    }

    private AccessFinding? Judge(ServiceName service, ServiceState? state, ServiceModel? model, in AccessRequest request) =>
        model is not null && !IsUndecided(model) ? Judge(model, request)
        : state?.Rejected is not null ? new AccessFinding(
            ProxyError.AuthorizationUnavailable, $"this proxy cannot use what it was told of who may call {service}; its admin page /snapshots says why")
        : options.App?.RequirePolicy == true ? new AccessFinding(
            ProxyError.AuthorizationUnavailable, $"it is not known yet who may call {service} (Mesh:App:RequirePolicy), since the control plane has not been reached")
        : null;

    private static AccessFinding? Judge(ServiceModel model, in AccessRequest request)
    {
        var settings = model.Namespace.Settings;
        if (model.Access.IsOpen(settings))
        {
            return null;
        }

        var decision = model.Access.Decide(request, settings);
        return decision is { IsAllowed: true, IsAudited: false }
            ? null
            : new AccessFinding(ProxyError.Forbidden, $"{request.Describe()} may not call {model.Encoded.Service}: {decision.Reason}", decision.Rule, decision.IsAudited);
    }

    /// <summary>A service may leave it to its namespace who may call, and nothing is known of that yet, not even that it says nothing.</summary>
    private bool IsUndecided(ServiceModel model) =>
        options.App?.RequirePolicy == true && model.Access.NeedsNamespace && model.Namespace.Model is null;

    /// <summary>Why something that was let in has to end; null when it may go on.</summary>
    private AccessFinding? Outdated(ServiceModel model, in AccessRequest request) =>
        request.Peer is null && plaintext.Refuses(model) is { } reason ? new AccessFinding(ProxyError.Forbidden, reason) : Judge(model, request);

    private ServiceState? StateOf(ServiceName service) => services.TryGet(service, out var state) ? state : null;
}
