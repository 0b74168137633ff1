using System.Buffers;
using System.Text.Json;

namespace Mesh.Proxy.Identity;

/// <summary>Who the proxy is, until when, and what went wrong.</summary>
internal sealed class IdentityPage(ProxyIdentity identity)
{
    public ReadOnlyMemory<byte> Render()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteBoolean("enabled", identity.IsEnabled);
        writer.WriteString("trustDomain", identity.TrustDomain);
        if (identity.Current is { } held)
        {
            writer.WriteString("identity", held.SpiffeId);
            writer.WriteString("notAfter", held.ExpiresAt);
            writer.WriteString("serialNumber", held.Context.TargetCertificate.SerialNumber);
            writer.WriteNumber("roots", held.Roots.Count);
        }

        if (identity.RenewAt is { } renewAt)
        {
            writer.WriteString("renewAt", renewAt);
        }

        writer.WriteNumber("renewals", identity.Renewals);
        writer.WriteNumber("failures", identity.Failures);
        if (identity.LastError is { } error)
        {
            writer.WriteString("lastError", error);
            writer.WriteString("lastErrorAt", identity.LastErrorAt!.Value);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
