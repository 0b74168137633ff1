using System.Globalization;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>What one writer of a region writes next. Values are written once, so that they tell whose they are.</summary>
internal sealed class WritePlan(string region, int port, int writer, int writers, Random random)
{
    private int _count;

    public PlannedWrite Next()
    {
        var service = Pick(ChaosServices.Called);
        return random.Next(20) switch
        {
            < 6 => PutRule(service),
            < 8 => DeleteRule(service),
            < 10 => PutTraffic(service),
            < 12 => PutSpec(service),
            < 14 => PutEndpoint(service),
            14 => DrainEndpoint(service),
            15 => DeleteEndpoint(service),
            16 => Apply(service),
            17 => PutNamespace(),
            _ => ChangeFleeting(Pick(ChaosServices.Fleeting)),
        };
    }

    /// <param name="values">What the rules and the traffic policy were at the revision; null where they were not there.</param>
    public static PlannedWrite RollBack(string service, long revision, IEnumerable<(string Register, string? Value)> values) => new(
        HttpMethod.Post, ChaosServices.Path(service) + "/rollback", service, $$"""{ "revision": {{revision}} }""",
        [.. values.Select(static one => new WriteEffect(one.Register, one.Value, IsCertain: false))]);

    private PlannedWrite PutRule(string service)
    {
        var (rule, value) = (Pick(ChaosServices.Rules), NextText());
        return new(
            HttpMethod.Put, $"{ChaosServices.Path(service)}/routes/{rule}", service, ChaosServices.RuleJson(service, rule, value),
            [new(ChaosServices.Rule(service, rule), value), .. Present(service)]);
    }

    private PlannedWrite DeleteRule(string service)
    {
        var rule = Pick(ChaosServices.Rules);
        return new(
            HttpMethod.Delete, $"{ChaosServices.Path(service)}/routes/{rule}", service, null,
            [new(ChaosServices.Rule(service, rule), null), .. Present(service)]);
    }

    private PlannedWrite PutTraffic(string service)
    {
        var number = NextNumber();
        return new(
            HttpMethod.Put, ChaosServices.Path(service) + "/traffic", service, ChaosServices.TrafficJson(number),
            [new(ChaosServices.Traffic(service), number), .. Present(service)]);
    }

    private PlannedWrite PutSpec(string service)
    {
        var (json, effects) = Spec(service);
        return new(HttpMethod.Put, ChaosServices.Path(service), service, json, effects);
    }

    private PlannedWrite PutEndpoint(string service)
    {
        var (id, label) = (Pick(ChaosServices.Endpoints), NextText());
        return new(
            HttpMethod.Put, EndpointPath(service, id), service, ChaosServices.EndpointJson(port, label), EndpointEffects(service, id, label));
    }

    private PlannedWrite DrainEndpoint(string service)
    {
        var id = Pick(ChaosServices.Endpoints);
        return new(
            HttpMethod.Post, EndpointPath(service, id) + "/drain", service, null,
            [new(ChaosServices.EndpointState(service, region, id), "Draining")]);
    }

    private PlannedWrite DeleteEndpoint(string service)
    {
        var id = Pick(ChaosServices.Endpoints);
        return new(HttpMethod.Delete, EndpointPath(service, id), service, null, EndpointEffects(service, id, null));
    }

    private PlannedWrite Apply(string service)
    {
        var (spec, effects) = Spec(service);
        var all = effects.ToList();
        var endpoints = new List<string> { $"\"{ChaosServices.LivingEndpoint}\": {ChaosServices.EndpointJson(port, "lives")}" };
        foreach (var id in ChaosServices.Endpoints)
        {
            var label = random.Next(2) == 0 ? NextText() : null;
            all.AddRange(EndpointEffects(service, id, label));
            if (label is not null)
            {
                endpoints.Add($"\"{id}\": {ChaosServices.EndpointJson(port, label)}");
            }
        }

        var parts = service.Split('/');
        return new(
            HttpMethod.Post, "/v1/apply", service,
            $$"""
            { "services": [{ "namespace": "{{parts[0]}}", "name": "{{parts[1]}}", "spec": {{spec}}, "endpoints": { {{string.Join(", ", endpoints)}} } }] }
            """,
            all);
    }

    /// <summary>Its values say nothing of who wrote them; the regions have to end up with the same.</summary>
    private PlannedWrite PutNamespace() => new(
        HttpMethod.Put, "/v1/namespaces/chaos", "chaos/namespace-settings",
        $$"""{ "allowExplain": {{(random.Next(2) == 0 ? "true" : "false")}} }""", []);

    private PlannedWrite ChangeFleeting(string service) => random.Next(5) switch
    {
        < 2 => PutSpec(service),
        2 => PutRule(service),
        3 => PutTraffic(service),
        _ => new(
            HttpMethod.Delete, ChaosServices.Path(service), service, null,
            [
                new(ChaosServices.Exists(service), null),
                .. ChaosServices.Rules.Select(rule => new WriteEffect(ChaosServices.Rule(service, rule), null, IsCertain: false)),
                new(ChaosServices.Traffic(service), null, IsCertain: false),
            ]),
    };

    private (string Json, IReadOnlyList<WriteEffect> Effects) Spec(string service)
    {
        var rules = ChaosServices.Rules.Where(_ => random.Next(2) == 0).ToDictionary(static rule => rule, _ => NextText());
        var traffic = NextNumber();
        return (ChaosServices.SpecJson(service, rules, traffic),
        [
            .. ChaosServices.Rules.Select(rule => new WriteEffect(ChaosServices.Rule(service, rule), rules.GetValueOrDefault(rule), rules.ContainsKey(rule))),
            new(ChaosServices.Traffic(service), traffic),
            .. Present(service),
        ]);
    }

    /// <summary>Any edit says that the service exists; where a service always does, that is not worth a note.</summary>
    private static WriteEffect[] Present(string service) =>
        ChaosServices.Fleeting.Contains(service) ? [new(ChaosServices.Exists(service), "yes")] : [];

    private WriteEffect[] EndpointEffects(string service, string id, string? label) =>
    [
        new(ChaosServices.EndpointLabel(service, region, id), label),
        new(ChaosServices.EndpointState(service, region, id), label is null ? null : "Ready"),
    ];

    private static string EndpointPath(string service, string id) => $"{ChaosServices.Path(service)}/endpoints/{id}";

    private string Pick(IReadOnlyList<string> from) => from[random.Next(from.Count)];

    private string NextText() => $"{region}-{writer}-{++_count}";

    /// <summary>A number that no other writer has.</summary>
    private string NextNumber() => ((++_count * writers) + writer + 1).ToString(CultureInfo.InvariantCulture);
}
