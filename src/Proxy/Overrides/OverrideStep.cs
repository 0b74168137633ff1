using Mesh.Abstractions.Naming;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Overrides;

/// <summary>
/// Does what <see cref="RequestOverrides"/> ask for, where the namespaces of what is replaced and of what replaces it allow it. A request's
/// service is replaced before its rules are read; a backend that a rule picked is replaced as well, unless it is the
/// service itself.
/// </summary>
internal sealed class OverrideStep(ServiceTable table, IServiceSource source, DataPathOptions options)
{
    /// <summary>Whether requests for the service may be sent elsewhere. All that a request without overrides costs.</summary>
    public static bool IsAllowed(ServiceState service) => service.Model is { } model && model.Namespace.Settings.AllowOverride;

    /// <returns>False when the request's overrides are malformed.</returns>
    public bool TryRead(HttpContext context, out RequestOverrides? overrides)
    {
        if (!RequestOverrides.TryRead(context.Request.Headers, options.Namespace, out overrides))
        {
            return false;
        }

        overrides?.Carry(context.Request.Headers);
        return true;
    }

    /// <returns>The service in its place; an empty holder when the one that was asked for does not exist.</returns>
    public async ValueTask<ServiceState> ReplaceAsync(RequestOverrides overrides, ServiceState service, CancellationToken cancellationToken)
    {
        if (!IsAllowed(service) || overrides.Find(service.Name) is not { } name)
        {
            return service;
        }

        var other = table.TryGet(name, out var known) && known.IsFresh
            ? known
            : (await source.FindAsync(HostOf(name), cancellationToken)).Service;

        // An alias must not step in for a service that does not exist, nor may callers fill the table.
        if (other?.Name != name)
        {
            return new ServiceState(name, now: 0);
        }

        // Who allows callers to go elsewhere cannot allow them to come here.
        return name.Namespace == service.Name.Namespace || IsAllowed(other) ? other : service;
    }

    /// <inheritdoc cref="ReplaceAsync(RequestOverrides, ServiceState, CancellationToken)"/>
    public async ValueTask<BackendModel> ReplaceAsync(
        RequestOverrides overrides, ServiceState service, BackendModel backend, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(service, backend.Service))
        {
            return backend;
        }

        var other = await ReplaceAsync(overrides, backend.Service, cancellationToken);
        return ReferenceEquals(other, backend.Service) ? backend : new BackendModel(other, backend.Weight, backend.Stats);
    }

    private static string HostOf(ServiceName name) => $"{name.Name}.{name.Namespace}";
}
