using Mesh.Silo.Hosting;
using Mesh.Silo.Store;

// One message for what the operator can mend, not a stack trace; anything else is a fault of ours and shows itself.
try
{
    await SiloHost.Run(args);
    return 0;
}
catch (Exception exception) when (exception is StoreStartException or SiloStartException)
{
    await Console.Error.WriteLineAsync($"The silo cannot start: {exception.Message}");
    return 1;
}
