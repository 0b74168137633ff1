namespace Mesh.Grains.Regions;

/// <summary>Which state of a region's endpoints a record holds. Only that region writes them.</summary>
/// <param name="Version">Of two states of one line, the higher wins.</param>
/// <param name="Since">
/// The first version of this line. A region that lost its store begins a new one when it registers endpoints before it
/// has heard from its peers. The older line wins, so that peers go on remembering it until the region has taken up what
/// it forgot (<see cref="OwnEndpoints"/>).
/// </param>
public sealed record EndpointSection(HybridTime Version, HybridTime Since)
{
    public bool GoesBefore(EndpointSection other) => Since == other.Since ? Version > other.Version : Since < other.Since;
}
