using System.Globalization;

namespace Mesh.Silo.Api.Requests;

/// <summary>The variable parts of the API's paths.</summary>
internal static class PathNames
{
    public const string Namespace = "namespace";
    public const string Service = "name";
    public const string Rule = "rule";
    public const string Endpoint = "id";
    public const string Revision = "revision";
    public const string Proxy = "proxy";
    public const string Token = "token";

    public static bool TryReadRevision(string text, out long revision) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out revision) && revision > 0;
}
