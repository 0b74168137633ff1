using Mesh.Abstractions.Connections;

namespace Mesh.Proxy.Identity;

/// <summary>Who this proxy is, as far as that is known now. Requests read <see cref="Current"/> and never wait for it.</summary>
internal sealed class ProxyIdentity(bool isEnabled, string trustDomain) : ICertificateSource
{
    private volatile PeerCredentials? _current;
    private long _renewals;
    private long _failures;

    /// <summary>The proxy is to have an identity.</summary>
    public bool IsEnabled { get; } = isEnabled;

    public string TrustDomain { get; } = trustDomain;

    /// <summary>Null before the first certificate, and after the last has expired.</summary>
    public PeerCredentials? Current => _current;

    /// <summary>What the control plane gave; null when there is none, or the certificate is in files.</summary>
    public HeldIdentity? Held { get; private set; }

    public long Renewals => Interlocked.Read(ref _renewals);

    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Why the last try failed; null when it succeeded.</summary>
    public string? LastError { get; private set; }

    public DateTimeOffset? LastErrorAt { get; private set; }

    /// <summary>When the next certificate is asked for.</summary>
    public DateTimeOffset? RenewAt { get; private set; }

    public static ProxyIdentity None { get; } = new(isEnabled: false, "mesh.local");

    public void Use(HeldIdentity? held, DateTimeOffset? renewAt) => (Held, _current, RenewAt) = (held, held?.Credentials, renewAt);

    /// <summary>Credentials that somebody else renews.</summary>
    public void Use(PeerCredentials? credentials) => _current = credentials;

    public void Renewed()
    {
        Interlocked.Increment(ref _renewals);
        (LastError, LastErrorAt) = (null, null);
    }

    public void Failed(string reason, DateTimeOffset now)
    {
        Interlocked.Increment(ref _failures);
        (LastError, LastErrorAt) = (reason, now);
    }
}
