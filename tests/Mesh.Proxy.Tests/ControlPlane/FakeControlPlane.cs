using System.Collections.Concurrent;
using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Regions;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.ControlPlane;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.ControlPlane;

/// <summary>A control plane in memory that counts what it is asked, and can be away or fail.</summary>
internal sealed class FakeControlPlane : IControlPlane, IProxyGatewayGrain
{
    private readonly ConcurrentDictionary<ServiceName, EncodedSnapshot> _snapshots = new();
    private TaskCompletionSource _connected = new();

    public bool IsConnected { get; private set; }

    public bool HasBeenConnected { get; private set; }

    public Task WhenConnected => _connected.Task;

    public event Action? Connected;

    public IProxyGatewayGrain Gateway => this;

    /// <summary>What the proxy gave to be pushed to.</summary>
    public IProxyObserver? Observer { get; private set; }

    public ConcurrentQueue<RenewRequest> Renewals { get; } = new();

    public ConcurrentQueue<string> Resolved { get; } = new();

    public ConcurrentQueue<EndpointSpec> Registered { get; } = new();

    public ConcurrentQueue<string> Deregistered { get; } = new();

    public ConcurrentQueue<(ServiceName Service, RateDemand Demand)> RatesAsked { get; } = new();

    /// <summary>What renewals are told of other regions.</summary>
    public RegionReach[]? Regions { get; set; } = [];

    /// <summary>The part of every rate limit that is given.</summary>
    public RateShare? RateShare { get; set; }

    /// <summary>When set, every call fails with it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Answers wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public IProxyObserver CreateReference(IProxyObserver observer) => observer;

    public void Connect()
    {
        IsConnected = true;
        HasBeenConnected = true;
        _connected.TrySetResult();
        Connected?.Invoke();
    }

    public void Disconnect()
    {
        IsConnected = false;
        _connected = new TaskCompletionSource();
    }

    public EncodedSnapshot Put(ServiceName service, long revision, ServiceSpec? spec, params Endpoint[] endpoints)
    {
        var snapshot = EncodedSnapshot.From(new ServiceSnapshot { Service = service, Revision = revision, Spec = spec, Endpoints = endpoints });
        return _snapshots[service] = snapshot;
    }

    public void Forget(ServiceName service) => _snapshots.TryRemove(service, out _);

    public Task<ResolvedAuthority> Resolve(string callerNamespace, string host) => Answer(() =>
    {
        Resolved.Enqueue(host);
        foreach (var snapshot in _snapshots.Values)
        {
            if (snapshot.Decode().Spec is { } spec
                && (spec.Hosts.Contains(host) || (Authority.TryGetService(host, callerNamespace, out var service) && service == snapshot.Service)))
            {
                return new ResolvedAuthority(snapshot.Service);
            }
        }

        return new ResolvedAuthority(null);
    });

    public Task<RenewReply> Renew(RenewRequest request, IProxyObserver observer) => Answer(() =>
    {
        Observer = observer;
        Renewals.Enqueue(request);
        return new RenewReply
        {
            Changed = [.. request.Held
                .Where(held => _snapshots.TryGetValue(held.Service, out var snapshot) && snapshot.Version != held.Version)
                .Select(held => _snapshots[held.Service])],
            Regions = Regions,
            Unknown = [.. request.Held.Select(held => held.Service).Where(service => !_snapshots.ContainsKey(service))],
        };
    });

    public Task Leave(string proxyId) => Task.CompletedTask;

    public Task Register(ServiceName service, string endpointId, EndpointSpec endpoint) => Answer(() =>
    {
        Registered.Enqueue(endpoint);
        return true;
    });

    public Task Deregister(ServiceName service, string endpointId) => Answer(() =>
    {
        Deregistered.Enqueue(endpointId);
        return true;
    });

    public Task<RateShare?> LeaseRate(ServiceName service, RateDemand demand) => Answer(() =>
    {
        RatesAsked.Enqueue((service, demand));
        return RateShare;
    });

    private async Task<T> Answer<T>(Func<T> answer)
    {
        await Gate;
        return Failure is null ? answer() : throw Failure;
    }
}
