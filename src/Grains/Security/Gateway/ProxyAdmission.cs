using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Validation;
using Mesh.Grains.Security.Tokens;
using Microsoft.Extensions.Options;

namespace Mesh.Grains.Security.Gateway;

/// <summary>
/// What a proxy may do follows from what it has proved with its certificate: it subscribes as itself, registers
/// endpoints of its own service, and leases rates of what it uses. Without TLS a proxy is who it says it is.
/// </summary>
internal sealed class ProxyAdmission(GatewayClients clients, CallTokens tokens, IOptions<GatewayLimits> options, Denials denials)
{
    private const int MaxIdLength = 253;
    private const int MaxTextLength = 512;

    /// <exception cref="UnauthorizedAccessException">The proxy may not do this.</exception>
    /// <exception cref="ArgumentException">It asks for more than a proxy can want.</exception>
    public void Check(string proxyId, IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType != typeof(IProxyGatewayGrain))
        {
            return;
        }

        var client = context.SourceId is { } source ? clients.Find(source) : null;
        try
        {
            if (client is null)
            {
                // A call from inside a silo, or by a way that is no gateway.
                if (tokens.IsRequired && context.SourceId?.IsClient() == true)
                {
                    throw new DeniedException(DenialReason.Source, "a call by a client that is not connected here");
                }
            }
            else
            {
                CheckId(proxyId);
                clients.SpeakFor(client, proxyId);
            }

            CheckCall(proxyId, client, context);
        }
        catch (DeniedException exception)
        {
            denials.Count(exception.Reason, context.SourceId?.ToString() ?? "unknown", exception.Message);
            throw new UnauthorizedAccessException($"Proxy '{proxyId}' may not do this: {exception.Message}");
        }
    }

    private void CheckCall(string proxyId, GatewayClient? client, IIncomingGrainCallContext context)
    {
        switch (context.MethodName)
        {
            case nameof(IProxyGatewayGrain.Renew):
                CheckRenewal(proxyId, client, Argument<RenewRequest>(context, 0), Argument<IProxyObserver>(context, 1));
                break;
            case nameof(IProxyGatewayGrain.Leave) when Argument<string>(context, 0) != proxyId:
                throw new DeniedException(DenialReason.Identity, "to take leave for another proxy");
            case nameof(IProxyGatewayGrain.Register) or nameof(IProxyGatewayGrain.Deregister):
                CheckOwn(client, Service(context));
                break;
            case nameof(IProxyGatewayGrain.LeaseRate):
                CheckUse(client, Service(context));
                break;
            case nameof(IProxyGatewayGrain.Resolve):
                CheckText(Argument<string>(context, 0));
                CheckText(Argument<string>(context, 1));
                break;
        }
    }

    private void CheckRenewal(string proxyId, GatewayClient? client, RenewRequest request, IProxyObserver observer)
    {
        // The serializer sets what it is sent; nothing of it is certain to be there.
        if (request is not { Proxy: { Id: not null, Namespace: not null, Version: not null } proxy, Held: not null })
        {
            throw new DeniedException(DenialReason.Malformed, "a renewal that leaves out what it must have");
        }

        if (proxy.Id != proxyId)
        {
            throw new DeniedException(DenialReason.Identity, $"to subscribe as proxy '{Shorten(proxy.Id)}'");
        }

        CheckText(proxy.Namespace);
        CheckText(proxy.Version);
        CheckText(proxy.Zone ?? "");
        if (request.Held.Length > options.Value.MaxSubscriptions)
        {
            throw new DeniedException(DenialReason.Limit, $"to subscribe to {request.Held.Length} services, more than {options.Value.MaxSubscriptions}");
        }

        if (!Array.TrueForAll(request.Held, static one => IsName(one.Service)))
        {
            throw new DeniedException(DenialReason.Malformed, "to subscribe to a service of a name that no service has");
        }

        if (client is null)
        {
            return;
        }

        if (!client.Owns(observer.GetGrainId()))
        {
            throw new DeniedException(DenialReason.Identity, "to have pushes sent to somebody else");
        }

        // A gateway takes requests for every namespace.
        if (client.Identity is { Service: { } own } && ((proxy.Namespace != own.Namespace && own != ReservedNames.Gateways) || (proxy.Service ?? own) != own))
        {
            throw new DeniedException(
                DenialReason.Identity,
                $"to subscribe as a proxy of {proxy.Service?.ToString() ?? $"the namespace {proxy.Namespace}"} (its Mesh:App:Service or Mesh:Namespace), being one of {own} by its certificate");
        }

        client.Renewed(request);
    }

    private static T Argument<T>(IIncomingGrainCallContext context, int index) =>
        context.Request.GetArgument(index) is T value ? value : throw new DeniedException(DenialReason.Malformed, "a call without what it is about");

    private static ServiceName Service(IIncomingGrainCallContext context) =>
        Argument<ServiceName>(context, 0) is var service && IsName(service)
            ? service
            : throw new DeniedException(DenialReason.Malformed, "a service of a name that no service has");

    private static bool IsName(ServiceName service) =>
        service is { Namespace: not null, Name: not null }
        && DnsLabel.IsValid(service.Namespace)
        && DnsLabel.IsValid(service.Name);

    private static void CheckUse(GatewayClient? client, ServiceName service)
    {
        if (client?.Identity is not null && !client.Uses(service))
        {
            throw new DeniedException(DenialReason.Identity, $"a share of the rate limit of {service}, which it does not use");
        }
    }

    private static void CheckOwn(GatewayClient? client, ServiceName service)
    {
        if (client?.Identity is { Service: var own } && own != service)
        {
            throw new DeniedException(DenialReason.Identity, $"to register an endpoint of {service}, being {client.Identity}");
        }
    }

    private static void CheckId(string proxyId)
    {
        if (proxyId.Length is 0 or > MaxIdLength || proxyId.Any(static one => char.IsControl(one) || char.IsWhiteSpace(one)))
        {
            throw new DeniedException(DenialReason.Malformed, $"a proxy's id of {proxyId.Length} characters; it must have 1 to {MaxIdLength}, none of them blank");
        }
    }

    private static void CheckText(string text)
    {
        if (text.Length > MaxTextLength)
        {
            throw new DeniedException(DenialReason.Malformed, $"a name of {text.Length} characters");
        }
    }

    private static string Shorten(string text) => text.Length <= MaxIdLength ? text : text[..MaxIdLength];
}
