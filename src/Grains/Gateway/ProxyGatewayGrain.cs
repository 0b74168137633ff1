using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Validation;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Push;
using Mesh.Grains.Security.Gateway;
using Orleans.Concurrency;

namespace Mesh.Grains.Gateway;

/// <inheritdoc cref="IProxyGatewayGrain"/>
[StatelessWorker(1), Reentrant]
internal sealed class ProxyGatewayGrain(IPushHubClient hubs, ILocalSiloDetails silo, ProxyAdmission admission)
    : Grain, IProxyGatewayGrain, IIncomingGrainCallFilter
{
    private string ProxyId => this.GetPrimaryKeyString();

    private IPushHub Hub => hubs.At(silo.SiloAddress);

    public Task Invoke(IIncomingGrainCallContext context)
    {
        admission.Check(ProxyId, context);
        return context.Invoke();
    }

    public Task<ResolvedAuthority> Resolve(string callerNamespace, string host) =>
        GrainFactory.GetGrain<ICatalogGrain>(ICatalogGrain.Key).Resolve(callerNamespace, host);

    public Task<RenewReply> Renew(RenewRequest request, IProxyObserver observer) => Hub.Renew(request, observer);

    public Task Leave(string proxyId) => Hub.Leave(proxyId);

    public async Task Register(ServiceName service, string endpointId, EndpointSpec endpoint)
    {
        // One bad endpoint would reach every proxy of the service.
        var errors = SpecValidator.Check(endpoint);
        if (errors.Count > 0 || !EndpointId.IsValid(endpointId) || NamespaceSettings.IsRecord(service))
        {
            throw new ArgumentException(
                $"The endpoint '{endpointId}' of {service} is refused: {string.Join("; ", errors)} (its id must be {EndpointId.Rule}, its service not \"{NamespaceSettings.RecordName}\").", nameof(endpoint));
        }

        // Callers trust whoever proves this identity to be the service.
        if (endpoint.Identity is { } identity && !(SpiffeId.TryGetService(identity, out var owner) && owner == service))
        {
            throw new ArgumentException($"The endpoint '{endpointId}' of {service} is refused: {identity} is not that service's identity.", nameof(endpoint));
        }

        var grain = GrainFactory.GetGrain<IServiceGrain>(service.ToString());
        if (!await grain.RenewLease(endpointId, endpoint))
        {
            await grain.Write(Request(new PutEndpoint(endpointId, endpoint, EndpointSource.Sidecar)));
        }
    }

    public Task Deregister(ServiceName service, string endpointId) =>
        GrainFactory.GetGrain<IServiceGrain>(service.ToString()).Write(Request(new RemoveEndpoints([endpointId])));

    public Task<RateShare?> LeaseRate(ServiceName service, RateDemand demand) =>
        GrainFactory.GetGrain<IRateLimitGrain>(service.ToString()).Lease(ProxyId, demand);

    private WriteRequest Request(ServiceCommand command) => new() { Command = command, Author = $"proxy:{ProxyId}", By = $"proxy:{ProxyId}" };
}
