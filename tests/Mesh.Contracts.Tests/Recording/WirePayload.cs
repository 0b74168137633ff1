namespace Mesh.Contracts.Tests.Recording;

/// <summary>A value as calls carry it.</summary>
/// <param name="Bytes">As Orleans serialises it.</param>
/// <param name="Value">As JSON, to compare with.</param>
internal sealed record WirePayload(byte[] Bytes, System.Text.Json.JsonElement Value);
