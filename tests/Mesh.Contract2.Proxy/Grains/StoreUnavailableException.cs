namespace Mesh.Abstractions.Grains;

/// <summary>The region's store cannot be reached or did not answer in time. A write may or may not have been stored.</summary>
[GenerateSerializer, Alias("mesh.StoreUnavailableException")]
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException(string message) : base(message)
    {
    }

    public StoreUnavailableException(string message, Exception? inner) : base(message, inner)
    {
    }
}
