namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>What a write does to one register of a service's state.</summary>
/// <param name="Register">The service and what of it, such as <c>chaos/web: routes/one</c>.</param>
/// <param name="Value">Null when it is gone after the write.</param>
/// <param name="IsCertain">
/// False when the write may leave the register as it was: it leaves out what its region may not have heard of, or repeats a
/// value that the register may have already. Such a write supersedes nothing for certain.
/// </param>
internal sealed record WriteEffect(string Register, string? Value, bool IsCertain = true);
