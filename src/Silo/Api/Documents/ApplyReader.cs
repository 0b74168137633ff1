using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Validation;

namespace Mesh.Silo.Api.Documents;

/// <summary>Reads and validates all documents of an apply; everything that is wrong in any of them is reported.</summary>
internal sealed class ApplyReader
{
    private readonly List<PlacedItem> _items = [];

    public SpecErrors Errors { get; } = new();

    /// <summary>Only to be used when there are no errors.</summary>
    public IReadOnlyList<PlacedItem> Items => _items;

    /// <summary>Several documents count as an array of them.</summary>
    public void Read(IReadOnlyList<JsonElement> documents)
    {
        for (var i = 0; i < documents.Count && !Errors.IsFull; i++)
        {
            ReadDocument(documents[i], documents.Count == 1 ? JsonPath.Root : JsonPath.Root.Item(i));
        }

        if (_items.Count == 0)
        {
            Errors.Add(JsonPath.Root, "there is no service in it");
        }

        Bound();
        RefuseDuplicates();
        RefuseSharedNames();
    }

    private void ReadDocument(JsonElement document, JsonPath path)
    {
        if (document.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var element in document.EnumerateArray())
            {
                if (Errors.IsFull)
                {
                    break;
                }

                var place = path.Item(index++);
                Add(StrictJson.Read<ApplyItem>(element, place, Errors), place);
            }
        }
        else if (document.ValueKind == JsonValueKind.Object && document.TryGetProperty("services", out _))
        {
            var file = StrictJson.Read<ApplyFile>(document, path, Errors);
            for (var i = 0; i < (file?.Services.Count ?? 0) && !Errors.IsFull; i++)
            {
                Add(file!.Services[i], path.Field("services").Item(i));
            }
        }
        else
        {
            Add(StrictJson.Read<ApplyItem>(document, path, Errors), path);
        }
    }

    private void Add(ApplyItem? item, JsonPath path)
    {
        if (item is null)
        {
            return;
        }

        _items.Add(new PlacedItem(item, path));
        CheckLabel(item.Namespace, path.Field("namespace"));
        CheckLabel(item.Name, path.Field("name"));
        if (item.Service == ReservedNames.Gateways)
        {
            Errors.Add(path.Field("name"), ReservedNames.OnlyGateways);
        }

        SpecValidator.Validate(item.Spec, path.Field("spec"), Errors);
        ReservedNames.Validate(item.Service, item.Spec, path.Field("spec"), Errors);
        if (item.Endpoints is not { } endpoints)
        {
            return;
        }

        var place = path.Field("endpoints");
        ReservedNames.ValidateEndpoints(item.Service, endpoints.Count, place, Errors);
        if (endpoints.Count > SpecLimits.Endpoints)
        {
            Errors.Add(place, $"has {endpoints.Count} endpoints; at most {SpecLimits.Endpoints} are allowed");
        }

        foreach (var (id, endpoint) in endpoints)
        {
            if (!EndpointId.IsValid(id))
            {
                Errors.Add(place.Field(id), $"the id must be {EndpointId.Rule}");
            }

            SpecValidator.Validate(endpoint, place.Field(id), Errors);
        }
    }

    private void CheckLabel(string label, JsonPath path)
    {
        if (!DnsLabel.IsValid(label))
        {
            Errors.Add(path, $"must be {DnsLabel.Rule}");
        }
    }

    private void Bound()
    {
        if (_items.Count > ApiLimits.ApplyServices)
        {
            Errors.Add(JsonPath.Root, $"has {_items.Count} services; at most {ApiLimits.ApplyServices} can be applied at once");
        }
    }

    private void RefuseDuplicates()
    {
        var seen = new Dictionary<ServiceName, JsonPath>();
        foreach (var (item, path) in _items)
        {
            if (!seen.TryAdd(item.Service, path))
            {
                Errors.Add(path.Field("name"), $"service {item.Service} is at {seen[item.Service]} already");
            }
        }
    }

    /// <summary>Two services of one apply cannot have the same host, nor one the other's own name.</summary>
    private void RefuseSharedNames()
    {
        var services = _items.Select(static placed => placed.Item.Service).ToHashSet();
        var owners = new Dictionary<string, ServiceName>(StringComparer.Ordinal);
        foreach (var (item, path) in _items)
        {
            for (var i = 0; i < item.Spec.Hosts.Count && !Errors.IsFull; i++)
            {
                var host = item.Spec.Hosts[i];
                var place = path.Field("spec").Field("hosts").Item(i);
                if (Authority.TryGetService(host, item.Namespace, out var named) && named != item.Service && services.Contains(named))
                {
                    Errors.Add(place, $"\"{host}\" is the name of service {named}");
                }
                else if (!owners.TryAdd(host, item.Service) && owners[host] != item.Service)
                {
                    Errors.Add(place, $"\"{host}\" is a host of service {owners[host]} too");
                }
            }
        }
    }
}
