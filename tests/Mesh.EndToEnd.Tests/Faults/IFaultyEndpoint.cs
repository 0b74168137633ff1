namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>An endpoint on a real socket that can be broken and mended.</summary>
internal interface IFaultyEndpoint
{
    string Name { get; }

    int Port { get; }

    /// <summary>The ways in which it can be broken.</summary>
    IReadOnlyList<Fault> Faults { get; }

    /// <summary>What answers the requests it gets.</summary>
    FaultyApplication Application { get; }

    Task Break(Fault fault);

    /// <summary>Ends the fault; done when it can take requests again.</summary>
    Task Mend();
}
