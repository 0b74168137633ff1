using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Naming;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Overrides;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Explain;

/// <summary>
/// Says how a request is decided, and why, by asking what decides requests: for a described request all of it, for a
/// real one what came before the choices that were made.
/// </summary>
internal sealed class Explainer(
    ServiceTable services, IServiceSource source, OverrideStep overriding, BackendExplainer backends, CallerIdentity caller, DataPathOptions options, Random random)
{
    /// <summary>How many rules and endpoints an answer lists.</summary>
    private const int Whole = 1000;

    /// <summary>How a described request would be decided now.</summary>
    public async Task<Explanation> ExplainAsync(ExplainRequest request, CancellationToken cancellationToken)
    {
        var context = ImaginedRequest.Create(request);
        var explanation = new Explanation { Proxy = options.ProxyId };
        if (!Authority.TryParse(request.Authority, out var authority))
        {
            return explanation with { Error = Text(ProxyError.BadRequest, $"the Host '{request.Authority}' is not a name and a port") };
        }

        var port = authority.Port;
        var host = authority.Host.ToString();
        var service = services.TryFind(host, out var known) && known.IsFresh
            ? known
            : (await source.FindAsync(host, cancellationToken)).Service;
        if (service is null)
        {
            return explanation with { Error = Text(ProxyError.UnknownService, $"no service is called '{host}'") };
        }

        RequestOverrides? overrides = null;
        if (OverrideStep.IsAllowed(service))
        {
            if (!overriding.TryRead(context, out overrides))
            {
                return explanation with { Error = Text(ProxyError.BadOverride, $"the header {RequestOverrides.Header} or its baggage cannot be read") };
            }

            if (overrides is not null)
            {
                service = await overriding.ReplaceAsync(overrides, service, cancellationToken);
                explanation = explanation with { Overrides = [.. overrides.Describe()] };
            }
        }

        explanation = Route(explanation, context, service, Whole, out var rule);
        if (service.Model?.AcceptsPort(port) == false)
        {
            return explanation with { Error = Text(ProxyError.UnknownService, $"the service {service.Name} has no port {port}") };
        }

        if (rule is null)
        {
            return explanation with { Error = Text(ProxyError.NoRoute, $"no rule of {service.Name} matches") };
        }

        var backend = rule.PickBackend(random);
        if (backend is null || explanation.Answer is not null)
        {
            return explanation;
        }

        if (overrides is not null)
        {
            backend = await overriding.ReplaceAsync(overrides, service, backend, cancellationToken);
        }

        return backends.Explain(explanation, context, rule, backend, Whole);
    }

    /// <summary>How a real request was decided.</summary>
    /// <param name="call">What was decided of it; null when it got no further than the rules.</param>
    /// <param name="limit">How many rules and endpoints are listed at most.</param>
    public Explanation Explain(HttpContext context, ServiceState service, OutboundCall? call, int limit)
    {
        var explanation = Route(new Explanation { Proxy = options.ProxyId }, context, service, limit, out _);
        if (call is null)
        {
            return explanation;
        }

        // What another namespace has, it shows to those it allows.
        if (!ExplainHeader.IsAllowed(call.Backend.Service))
        {
            return explanation with { Rule = call.Rule.Name, Backend = call.Backend.Service.Name, Tries = call.Tries };
        }

        return backends.Explain(explanation with { Rule = call.Rule.Name }, context, call.Rule, call.Backend, limit) with
        {
            Endpoint = call.Endpoint?.Endpoint.Id,
            Tries = call.Tries,
            Error = null,
        };
    }

    private Explanation Route(Explanation explanation, HttpContext context, ServiceState service, int limit, out RuleModel? rule)
    {
        var match = service.Model?.Routes.Find(context.Request, caller);
        rule = match?.Rule;
        return explanation with
        {
            Service = service.Name,
            Revision = service.Version.Revision,
            Rules = RuleExplainer.Explain(service.Model, context.Request, caller, limit),
            Rule = rule?.Name,
            Answer = match is null ? null : RuleExplainer.AnswerOf(match, context),
        };
    }

    private static string Text(ProxyError error, string message) => $"{error.Code}: {message}";
}
