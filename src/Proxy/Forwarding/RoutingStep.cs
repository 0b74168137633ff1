using Mesh.Proxy.Services;

namespace Mesh.Proxy.Forwarding;

/// <summary>From a service to one of its rules, and to one of the rule's backends.</summary>
internal sealed class RoutingStep(SendingStep sending, Random random)
{
    /// <param name="port">The port that was asked for; 0 for none.</param>
    /// <param name="arrived">The timestamp at which the request arrived.</param>
    public Task InvokeAsync(HttpContext context, ServiceState service, int port, long arrived)
    {
        service.Touch(arrived);
        var model = service.Model;
        if (model is null || model.IsDeleted || !model.AcceptsPort(port))
        {
            return FailAsync(context, service, ProxyError.UnknownService, model is null or { IsDeleted: true }
                ? $"the service {service.Name} does not exist"
                : $"the service {service.Name} has no port {port}; it declares {string.Join(", ", model.Spec!.Ports)}");
        }

        var rule = model.Routes.Find(context.Request);
        if (rule is null)
        {
            return FailAsync(context, service, ProxyError.NoRoute,
                $"no rule of {service.Name} (revision {model.Version.Revision}) matches {context.Request.Method} {context.Request.Path}");
        }

        var backend = rule.PickBackend(random);
        if (backend is null)
        {
            return FailAsync(context, service, ProxyError.NoEndpoints, $"rule '{rule.Name}' of {service.Name} has no backend with a weight above 0");
        }

        return sending.InvokeAsync(new OutboundCall
        {
            Context = context,
            Arrived = arrived,
            Service = service,
            Rule = rule,
            Backend = backend,
        });
    }

    private static Task<int> FailAsync(HttpContext context, ServiceState service, ProxyError error, string message) =>
        ErrorResponse.FailAsync(context, service.Errors, error, message);
}
