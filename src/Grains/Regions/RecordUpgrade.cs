using Mesh.Grains.Services;

namespace Mesh.Grains.Regions;

/// <summary>
/// Gives a record of format 1 what it lacks, always the same for the same record: everything in it was written by its
/// region when it was last stored. A program of that format that rewrites a newer record drops the rest of it, which
/// has the same effect: what it wrote is new, and what it had deleted may come back from peers.
/// </summary>
internal static class RecordUpgrade
{
    /// <param name="region">Whose store the record comes from.</param>
    /// <exception cref="InvalidDataException">
    /// The record is of a later format: what this program made of it would lack what it cannot read, and must not be stored.
    /// </exception>
    public static ServiceRecord Apply(ServiceRecord record, string region)
    {
        if (record.Format > ServiceRecord.CurrentFormat)
        {
            throw new InvalidDataException(
                $"The record of {record.Service} from region {region} has format {record.Format}; this program reads up to {ServiceRecord.CurrentFormat}. Upgrade this region's silos.");
        }

        if (record.Format >= ServiceRecord.BasicFormat)
        {
            return record;
        }

        var time = HybridTime.Of(record.UpdatedAt);
        var register = new Register { At = new Stamp(time, region) };
        var next = record with
        {
            Format = ServiceRecord.BasicFormat,
            Clock = time,
            Sections = record.Endpoints.Keys.Append(region).Distinct(StringComparer.Ordinal)
                .ToDictionary(static name => name, name => new EndpointSection(name == region ? time : default, default)),
            Positions = record.Spec is null ? record.Positions : SpecRegisters.Arrange(record.Spec, record.Positions),
        };
        var keys = RecordRegisters.Values(next).Keys.Append(SpecRegisters.Exists).Distinct(StringComparer.Ordinal);
        return next with { Registers = keys.Order(StringComparer.Ordinal).ToDictionary(static key => key, _ => register) };
    }
}
