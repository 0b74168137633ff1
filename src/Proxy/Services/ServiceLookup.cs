namespace Mesh.Proxy.Services;

/// <summary>What <see cref="IServiceSource"/> found: a service, or why there is none.</summary>
internal readonly record struct ServiceLookup(ServiceState? Service, LookupFailure Failure)
{
    public static ServiceLookup Found(ServiceState service) => new(service, LookupFailure.None);

    public static ServiceLookup Failed(LookupFailure failure) => new(null, failure);
}
