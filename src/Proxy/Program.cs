using Mesh.Proxy.Hosting;
using Mesh.Proxy.Listeners;

SocketCompletions.PreferInline();

// One message for a mistake in the configuration, not a stack trace; anything else is a fault of ours and shows itself.
try
{
    await using var app = ProxyHost.Build(args);
    await app.StartDataPathAsync();
    ProxyHost.Announce(app);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (exception is ListenerException or ProxyConfigurationException)
{
    await Console.Error.WriteLineAsync($"The proxy cannot start: {exception.Message}");
    return 1;
}
