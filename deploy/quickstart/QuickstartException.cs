namespace Mesh.Quickstart;

/// <summary>Something the user should know of and can mend; its message is printed without a stack trace.</summary>
internal sealed class QuickstartException(string message) : Exception(message);
