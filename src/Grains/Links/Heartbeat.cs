using System.Globalization;
using StackExchange.Redis;

namespace Mesh.Grains.Links;

/// <summary>
/// The sign of life that a region's silos leave in their store: one that answers while they are all dead does not make
/// a region alive.
/// </summary>
/// <param name="Beat">Another one every time, whoever wrote it.</param>
/// <param name="At">The writer's clock; null when it cannot be read.</param>
internal sealed record Heartbeat(string Beat, DateTimeOffset? At)
{
    /// <summary>How often each silo writes one.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    public static RedisValue[] Fields { get; } = ["beat", "at"];

    public HashEntry[] ToEntries() => [new(Fields[0], Beat), new(Fields[1], At?.ToString("O", CultureInfo.InvariantCulture))];

    /// <returns>Null when no silo has written one.</returns>
    public static Heartbeat? Of(RedisValue[] values) => values[0].IsNull
        ? null
        : new Heartbeat(
            values[0].ToString(),
            DateTimeOffset.TryParse(values[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null);
}
