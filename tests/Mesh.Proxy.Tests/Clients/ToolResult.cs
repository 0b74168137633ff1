namespace Mesh.Proxy.Tests.Clients;

/// <summary>How a program ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>What it said, when it ended well.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Output}{Error}");
        return Output;
    }
}
