using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Grains.Services;

namespace Mesh.Grains.Regions;

/// <summary>
/// Refuses a peer's record that no region of this mesh can have written: what is merged reaches every proxy, and cannot
/// be taken back.
/// </summary>
/// <remarks>
/// Each part is checked alone. What only the whole can break, such as the number of rules, is not refused: two regions may
/// each have written half of it, and they have to end up with the same. Administrators see it as a warning of the service,
/// and proxies that cannot use it keep what they had.
/// </remarks>
internal static class PeerRecordCheck
{
    /// <summary>
    /// How far in the future a reading may lie. A clock that is hours or days off is borne; one beyond this would leave no
    /// room for the writes that have to step past it.
    /// </summary>
    public static readonly TimeSpan MaxLead = TimeSpan.FromDays(3650);

    /// <exception cref="InvalidDataException">The record cannot be merged; the message tells why.</exception>
    public static void EnsureUsable(ServiceRecord record, string peer, DateTimeOffset now)
    {
        if (Explain(record, HybridTime.Of(now + MaxLead)) is { } problem)
        {
            throw new InvalidDataException($"The record of {record.Service} from region {peer} is refused: {problem}");
        }
    }

    private static string? Explain(ServiceRecord record, HybridTime latest) =>
        ExplainSpec(record.Service, record.Spec) ?? ExplainSpec(record.Service, record.Remains) ?? ExplainEndpoints(record) ?? ExplainStamps(record, latest);

    private static string? ExplainSpec(ServiceName service, ServiceSpec? spec)
    {
        if (spec is null)
        {
            return null;
        }

        var errors = new SpecErrors();
        ReservedNames.Validate(service, spec, JsonPath.Root, errors);
        SpecValidator.Validate(spec.Traffic, JsonPath.Root.Field("traffic"), errors);
        for (var i = 0; i < spec.Routes.Count && errors.IsEmpty; i++)
        {
            SpecValidator.Validate(spec.Routes[i], JsonPath.Root.Field("routes").Item(i), errors);
        }

        // A host at a time: how many there may be is a matter of the whole.
        for (var i = 0; i < spec.Hosts.Count && errors.IsEmpty; i++)
        {
            SpecValidator.Validate(new ServiceSpec { Hosts = [spec.Hosts[i]] }, JsonPath.Root, errors);
        }

        if (spec.Access is { } access && errors.IsEmpty)
        {
            ValidateAccess(access, JsonPath.Root.Field("access"), errors);
        }

        return errors.IsEmpty ? null : $"{errors.Items[0].Path}: {errors.Items[0].Message}";
    }

    /// <summary>The rules come from several regions, so that one may have lost the issuer whose claims it names.</summary>
    private static void ValidateAccess(AccessPolicy access, JsonPath path, SpecErrors errors)
    {
        SpecValidator.Validate(access with { Rules = [] }, path, errors);
        for (var i = 0; i < access.Rules.Count && errors.IsEmpty; i++)
        {
            SpecValidator.Validate(access.Rules[i], path.Field("rules").Item(i), errors);
        }
    }

    private static string? ExplainEndpoints(ServiceRecord record)
    {
        foreach (var (region, endpoints) in record.Endpoints)
        {
            if (!DnsLabel.IsValid(region))
            {
                return "it has endpoints of a region that cannot be one";
            }

            var ids = new HashSet<string>(StringComparer.Ordinal);
            foreach (var endpoint in endpoints)
            {
                if (endpoint.Region != region || !EndpointId.IsValid(endpoint.Id) || !ids.Add(endpoint.Id))
                {
                    return $"among the endpoints of region {region} is one of another region, without a usable id, or twice";
                }

                if (SpecValidator.Check(endpoint.ToSpec()) is [var error, ..])
                {
                    return $"endpoint {endpoint.Id} of region {region}: {error.Path}: {error.Message}";
                }
            }
        }

        return null;
    }

    private static string? ExplainStamps(ServiceRecord record, HybridTime latest)
    {
        var stamps = record.Registers.Values.SelectMany(static register =>
            new[] { register.At }.Concat(register.Over ?? []).Concat((register.Lost ?? []).SelectMany(static lost => (lost.Over ?? []).Append(lost.At))));
        foreach (var stamp in stamps)
        {
            if (stamp.Time > latest || (!DnsLabel.IsValid(stamp.Region) && stamp.Region.Length > 0))
            {
                return $"it was written at {stamp}, which is no time or place of this mesh";
            }
        }

        foreach (var (region, section) in record.Sections)
        {
            if (section.Version > latest || section.Since > latest || !DnsLabel.IsValid(region))
            {
                return "the endpoints of a region were written at a time or place that is none of this mesh";
            }
        }

        return record.Clock > latest || record.Floor > latest ? "its clock is years ahead" : null;
    }
}
