using System.Security.Cryptography;
using System.Text;

namespace Mesh.Abstractions.Connections;

/// <summary>Compares what somebody has shown with what was expected.</summary>
public static class SecretText
{
    /// <summary>Whether both are the same, in a time that does not tell how much of them is.</summary>
    public static bool IsSame(string expected, string shown) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(shown));
}
