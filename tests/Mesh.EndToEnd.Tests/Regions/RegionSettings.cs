namespace Mesh.EndToEnd.Tests.Regions;

/// <param name="LogDirectory">Where its processes write what they have to say.</param>
/// <param name="ClockOffset">How far its silos' clocks are off, as libfaketime takes it (<c>+3h</c>); right when null.</param>
internal sealed record RegionSettings(string Name, int Silos, string LogDirectory, string? ClockOffset = null);
