using System.Net;
using System.Net.Sockets;

namespace Mesh.Quickstart.Ports;

/// <summary>
/// Looks at all ports before anything is started. The silo's ports need it most: Orleans shares a port that is taken,
/// without a word, and half of the calls would go astray.
/// </summary>
internal static class PortCheck
{
    /// <exception cref="QuickstartException">Ports are taken, or used twice; the message names each, its holder and the way out.</exception>
    public static void Demand(IEnumerable<PortUse> uses)
    {
        var problems = new List<string>();
        foreach (var same in uses.GroupBy(use => use.Port))
        {
            var use = same.First();
            if (same.Skip(1).FirstOrDefault() is { } other)
            {
                problems.Add($"Port {use.Port} is meant both for {use.What} ({use.Option}) and for {other.What} ({other.Option}).");
            }
            else if (IsTaken(use.Port))
            {
                problems.Add($"Port {use.Port}, for {use.What}, is taken by {PortOwner.Describe(use.Port)}: choose another with {use.Option}.");
            }
        }

        if (problems.Count > 0)
        {
            problems.Add("Nothing was started. (--free-ports uses any free ports.)");
            throw new QuickstartException(string.Join(Environment.NewLine, problems));
        }
    }

    private static bool IsTaken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new QuickstartException($"Port {port} may not be used by this user: ports below 1024 are reserved.");
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
