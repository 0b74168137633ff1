namespace Mesh.Contracts.Tests.Description;

/// <summary>One thing a contract says. Text form: <c>subject: what it is</c>.</summary>
/// <param name="Subject">Begins with its kind: <c>wire</c>, <c>number</c>, <c>interface</c>, <c>grain</c>, <c>json</c>, <c>enum</c>, <c>command</c>, <c>name</c> or <c>redis</c>.</param>
internal readonly record struct ContractLine(string Subject, string Is)
{
    public string Kind => Subject.Split(' ')[0];

    /// <summary>What the subject is a part of; itself when of nothing.</summary>
    public string Owner => Kind switch
    {
        "wire" or "interface" => string.Join(' ', Subject.Split(' ').Take(2)),
        "json" or "enum" or "command" => Subject.Split('.')[0],
        _ => Subject,
    };

    public bool IsRequired => Is.EndsWith(", required", StringComparison.Ordinal);

    public override string ToString() => $"{Subject}: {Is}";

    public static ContractLine Parse(string line) => line.Split(": ", 2) is [var subject, var text]
        ? new ContractLine(subject, text)
        : throw new FormatException($"'{line}' is not 'subject: what it is'");
}
