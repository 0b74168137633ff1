using System.Runtime.InteropServices;
using Mesh.Quickstart;
using Mesh.Quickstart.Options;

try
{
    var options = OptionsParser.Parse(args);
    if (options.Help)
    {
        Console.WriteLine(QuickstartOptions.Usage);
        return 0;
    }

    using var stop = new CancellationTokenSource();
    using var hurry = new CancellationTokenSource();
    PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
    var registrations = signals.Select(signal => PosixSignalRegistration.Create(signal, RequestStop)).ToArray();
    try
    {
        return await new QuickstartRun(options, Console.Out, TimeProvider.System).RunAsync(stop.Token, hurry.Token) ? 0 : 1;
    }
    finally
    {
        Array.ForEach(registrations, registration => registration.Dispose());
    }

    void RequestStop(PosixSignalContext context)
    {
        context.Cancel = true;
        (stop.IsCancellationRequested ? hurry : stop).Cancel();
    }
}
catch (QuickstartException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}
