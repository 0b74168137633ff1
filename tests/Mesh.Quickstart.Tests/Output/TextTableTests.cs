using Mesh.Quickstart.Output;

namespace Mesh.Quickstart.Tests.Output;

public sealed class TextTableTests
{
    [Fact]
    public void Aligns_columns_and_leaves_no_blanks_at_the_ends()
    {
        var text = TextTable.Format([["name", "pid", "url"], ["web sidecar", "12", "http://a"], ["x", "123", ""]], indent: "  ");

        Assert.Equal(
            """
              name         pid  url
              web sidecar  12   http://a
              x            123

            """.ReplaceLineEndings(),
            text);
    }
}
