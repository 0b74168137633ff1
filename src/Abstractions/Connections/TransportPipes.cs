using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Abstractions.Connections;

/// <summary>Two pipes as one transport, and what connection middleware does with them.</summary>
public sealed class TransportPipes(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;

    /// <summary>Runs the rest of a connection over other pipes, and puts back what was there.</summary>
    public static async Task Run(ConnectionContext context, IDuplexPipe transport, ConnectionDelegate next)
    {
        var outer = context.Transport;
        context.Transport = transport;
        try
        {
            await next(context);
        }
        finally
        {
            context.Transport = outer;
        }
    }
}
