namespace Mesh.Abstractions.Validation;

/// <summary>How much of everything a service may have.</summary>
public static class SpecLimits
{
    public const int Hosts = 64;
    public const int Ports = 64;
    public const int Rules = 1000;

    /// <summary>Of one rule, as are those below up to <see cref="BackendRefs"/> (Gateway API).</summary>
    public const int Matches = 64;
    public const int Filters = 16;
    public const int BackendRefs = 16;

    /// <summary>Of one match; of each list of a header modifier.</summary>
    public const int Headers = 16;
    public const int QueryParams = 16;

    /// <summary>Regular expressions of one service; each costs time to compile and memory in every proxy.</summary>
    public const int Patterns = 500;

    /// <summary>In characters, as the other lengths.</summary>
    public const int PatternLength = 1024;
    public const int PathLength = 1024;
    public const int HeaderNameLength = 256;
    public const int HeaderValueLength = 4096;
    public const int QueryParamNameLength = 256;
    public const int QueryParamValueLength = 1024;

    /// <summary>Of a CORS filter: origins, request headers, response headers; and methods.</summary>
    public const int CorsItems = 64;
    public const int CorsMethods = 16;

    public const int DirectBodyLength = 4096;
    public const int RetryCodes = 64;

    public const int AccessRules = 10_000;

    /// <summary>Of one access rule: each list of callers; and claims, methods and paths.</summary>
    public const int AccessItems = 1000;
    public const int AccessClaims = 16;
    public const int AccessMethods = 16;
    public const int AccessPaths = 64;
    public const int ClaimLength = 1024;
    public const int JwtIssuers = 8;
    public const int UrlLength = 2048;
    public const int SubjectAltNames = 16;

    /// <summary>Of backendRefs and endpoints.</summary>
    public const int Weight = 1_000_000;

    /// <summary>Endpoints an administrator may give one service.</summary>
    public const int Endpoints = 10_000;
    public const int EndpointIdLength = 128;
    public const int Labels = 32;
    public const int LabelNameLength = 128;
    public const int LabelValueLength = 256;

    /// <summary>The longest time limit; longer ones are mistakes, and beyond 49 days timers overflow.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromHours(24);
}
