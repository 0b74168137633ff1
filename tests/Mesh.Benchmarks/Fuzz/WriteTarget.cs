namespace Mesh.Benchmarks.Fuzz;

/// <summary>A write of the management API and a body it accepts.</summary>
internal sealed record WriteTarget(HttpMethod Method, string Path, string ContentType, string Body);
