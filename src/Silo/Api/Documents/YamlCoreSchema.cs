using System.Globalization;
using System.Text.RegularExpressions;

namespace Mesh.Silo.Api.Documents;

/// <summary>What a plain scalar means (YAML 1.2.2, section 10.3.2).</summary>
internal static partial class YamlCoreSchema
{
    /// <returns>JSON for a null, a boolean or a number; null for a string.</returns>
    public static string? ToJson(string scalar) => scalar switch
    {
        "" or "~" or "null" or "Null" or "NULL" => "null",
        "true" or "True" or "TRUE" => "true",
        "false" or "False" or "FALSE" => "false",
        _ when char.IsAsciiDigit(scalar[0]) || scalar[0] is '-' or '+' or '.' => Number(scalar),
        _ => null,
    };

    /// <summary>Whether a plain scalar of this text would be read as something else than this string.</summary>
    public static bool IsAmbiguous(string text) => ToJson(text) is not null;

    private static string? Number(string scalar)
    {
        if (scalar.StartsWith("0x", StringComparison.Ordinal))
        {
            return ulong.TryParse(scalar.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex)
                ? hex.ToString(CultureInfo.InvariantCulture)
                : null;
        }

        if (scalar.StartsWith("0o", StringComparison.Ordinal))
        {
            return scalar.Length is > 2 and <= 22 && !scalar.AsSpan(2).ContainsAnyExceptInRange('0', '7')
                ? Convert.ToUInt64(scalar[2..], 8).ToString(CultureInfo.InvariantCulture)
                : null;
        }

        var match = Decimal().Match(scalar);
        if (!match.Success)
        {
            return null;
        }

        // JSON has no leading zeros or plus, and digits on both sides of the point.
        var whole = match.Groups["whole"].Value.TrimStart('0');
        var fraction = match.Groups["fraction"].Value;
        return $"{match.Groups["minus"].Value}{(whole.Length == 0 ? "0" : whole)}{(fraction.Length == 0 ? "" : ".")}{fraction}{match.Groups["exponent"].Value}";
    }

    [GeneratedRegex(@"^(?:\+|(?<minus>-))?(?:(?<whole>[0-9]+)(?:\.(?<fraction>[0-9]*))?|\.(?<fraction>[0-9]+))(?<exponent>[eE][-+]?[0-9]+)?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();
}
