using System.Globalization;
using Mesh.Abstractions.Json;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Tap;

/// <summary>Which requests somebody wants to see, and what of them: the query of <c>/tap</c>.</summary>
internal sealed class TapFilter
{
    public const string Parameters =
        "service=shop/web, direction=inbound|outbound, method=GET, path=/prefix, status=404|5xx|aborted, headers=true, query=true, max=1..1000 (a second), for=30s (at most 1h)";

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private string? _service;
    private string? _direction;
    private string? _method;
    private string? _path;
    private string? _status;

    public bool WithHeaders { get; private set; }

    public bool WithQuery { get; private set; }

    /// <summary>Events a second.</summary>
    public int Max { get; private set; } = 100;

    public TimeSpan Length { get; private set; } = TimeSpan.FromMinutes(5);

    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? TryParse(IQueryCollection query, out TapFilter filter)
    {
        filter = new TapFilter();
        foreach (var (name, values) in query)
        {
            if (values is not [{ } value] || !filter.TrySet(name, value))
            {
                return $"'{name}' is no parameter, or its value is none; there are {Parameters}";
            }
        }

        return null;
    }

    public bool Matches(TapEvent seen) =>
        (_service is null || _service == seen.Service || _service == seen.Backend)
        && (_direction is null || _direction == seen.Direction)
        && (_method is null || _method == seen.Method)
        && (_path is null || seen.Path.StartsWith(_path, StringComparison.Ordinal))
        && (_status is null || (seen.Status is { } status ? IsStatus(status) : _status == seen.Outcome));

    private static bool IsFlag(string value, Action<bool> set)
    {
        if (!bool.TryParse(value, out var flag))
        {
            return false;
        }

        set(flag);
        return true;
    }

    private bool TrySet(string name, string value)
    {
        switch (name)
        {
            case "service":
                _service = value;
                return true;
            case "direction":
                _direction = value;
                return value is "inbound" or "outbound";
            case "method":
                _method = value;
                return true;
            case "path":
                _path = value;
                return value.StartsWith('/');
            case "status":
                _status = value;
                return value == RequestStats.AbortedName || (value.Length == 3 && char.IsAsciiDigit(value[0]) && (value.AsSpan(1) is "xx" || value.All(char.IsAsciiDigit)));
            case "headers":
                return IsFlag(value, flag => WithHeaders = flag);
            case "query":
                return IsFlag(value, flag => WithQuery = flag);
            case "max":
                var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var max);
                Max = max;
                return isNumber && max is >= 1 and <= 1000;
            case "for":
                var isDuration = GatewayDuration.TryParse(value, out var length);
                Length = length;
                return isDuration && length > TimeSpan.Zero && length <= Longest;
            default:
                return false;
        }
    }

    private bool IsStatus(int status) => _status![1] == 'x'
        ? status / 100 == _status[0] - '0'
        : _status == status.ToString(CultureInfo.InvariantCulture);
}
