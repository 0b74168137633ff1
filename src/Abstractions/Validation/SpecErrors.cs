using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Validation;

/// <summary>
/// Collects what is wrong with a document: first what does not have the right form (<see cref="AddStructural"/>), then
/// what has, but makes no sense (<see cref="Add"/>). The latter is dropped at and below places that do not even have
/// the right form, because what stands there is not what the author wrote.
/// </summary>
public sealed class SpecErrors
{
    /// <summary>More than this many are not listed; a hostile document could have a million.</summary>
    public const int Limit = 100;

    private readonly List<SpecError> _errors = [];
    private readonly List<string> _malformed = [];

    /// <summary>Whether to stop looking: nothing more will be listed.</summary>
    public bool IsFull => _errors.Count > Limit;

    public bool IsEmpty => _errors.Count == 0;

    public IReadOnlyList<SpecError> Items => _errors;

    public void AddStructural(JsonPath path, string message)
    {
        if (IsFull)
        {
            return;
        }

        var text = path.ToString();
        _malformed.Add(text);
        Append(text, message);
    }

    public void Add(JsonPath path, string message)
    {
        if (IsFull)
        {
            return;
        }

        var text = path.ToString();
        if (!IsMalformed(text))
        {
            Append(text, message);
        }
    }

    /// <summary>Whether what stands there was reported as malformed, so that the value read is a stand-in.</summary>
    public bool IsMalformed(JsonPath path) => _malformed.Count > 0 && IsMalformed(path.ToString());

    private void Append(string path, string message) => _errors.Add(_errors.Count < Limit
        ? new SpecError(path, message)
        : new SpecError("$", $"there are more errors; these are the first {Limit}"));

    private bool IsMalformed(string path)
    {
        foreach (var malformed in _malformed)
        {
            if (path.StartsWith(malformed, StringComparison.Ordinal)
                && (path.Length == malformed.Length || path[malformed.Length] is '.' or '['))
            {
                return true;
            }
        }

        return false;
    }
}
