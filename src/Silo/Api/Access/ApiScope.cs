namespace Mesh.Silo.Api.Access;

/// <summary>Where somebody needs a role for a request.</summary>
internal enum ApiScope
{
    /// <summary>In all namespaces: it concerns all of them.</summary>
    Everywhere,

    /// <summary>In the namespace that the path names.</summary>
    Path,

    /// <summary>In any: the handler leaves out, or refuses, what is of others.</summary>
    Somewhere,
}
