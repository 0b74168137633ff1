using System.Globalization;
using System.Text;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Tap;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Admin;

/// <summary>The pages for operators and for the platform's probes. Only <c>/drain</c> changes anything.</summary>
internal sealed class AdminPipeline(
    AdminGuard guard, IReadiness readiness, SnapshotsPage snapshots, EndpointsPage endpoints, MetricsPage metrics, ExplainPage explain, IdentityPage identity,
    TapPage tap, DrainPage drain)
{
    private const string Json = "application/json";
    private const string Text = "text/plain; charset=utf-8";
    private const string Paths = "/healthz /readyz /snapshots /endpoints /metrics /identity /tap, POST /explain and POST /drain";

    public Task InvokeAsync(HttpContext context)
    {
        var isDrain = context.Request.Path == "/drain";
        if ((isDrain ? guard.CheckSensitive(context) : guard.Check(context)) is { } refusal)
        {
            return RefuseAsync(context, refusal);
        }

        var method = context.Request.Method;
        if (isDrain)
        {
            return HttpMethods.IsPost(method) ? drain.InvokeAsync(context) : RefuseMethodAsync(context, "POST it: the proxy then leaves\n");
        }

        if (context.Request.Path == "/explain")
        {
            return HttpMethods.IsPost(method)
                ? ExplainAsync(context)
                : RefuseMethodAsync(context, """POST a request, such as {"authority":"web","path":"/api"}""");
        }

        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, Text, "these pages can only be read: use GET\n"u8.ToArray());
        }

        return context.Request.Path.Value switch
        {
            "/healthz" => WriteAsync(context, StatusCodes.Status200OK, Text, "ok\n"u8.ToArray()),
            "/readyz" => WriteReadinessAsync(context),
            "/snapshots" => WriteAsync(context, StatusCodes.Status200OK, Json, snapshots.Render()),
            "/endpoints" => WriteAsync(context, StatusCodes.Status200OK, Json, endpoints.Render()),
            "/tap" when HttpMethods.IsGet(method) => TapAsync(context),
            "/identity" => WriteAsync(context, StatusCodes.Status200OK, Json, identity.Render()),
            "/metrics" => WriteAsync(context, StatusCodes.Status200OK, MetricsPage.ContentType, metrics.Render()),
            _ => WriteAsync(context, StatusCodes.Status404NotFound, Text, Encoding.UTF8.GetBytes($"no such page; there are {Paths}\n")),
        };
    }

    private static Task RefuseAsync(HttpContext context, AdminRefusal refusal)
    {
        var headers = context.Response.Headers;
        if (refusal.Challenge is { } challenge)
        {
            headers.WWWAuthenticate = challenge;
        }

        if (refusal.Wait is { } wait)
        {
            headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(context, refusal.Status, Text, Encoding.UTF8.GetBytes($"{refusal.Problem}\n"));
    }

    private static Task RefuseMethodAsync(HttpContext context, string problem)
    {
        context.Response.Headers.Allow = "POST";
        return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, Text, Encoding.UTF8.GetBytes(problem));
    }

    private async Task TapAsync(HttpContext context)
    {
        if (TapFilter.TryParse(context.Request.Query, out var filter) is { } problem)
        {
            await WriteAsync(context, StatusCodes.Status400BadRequest, Text, Encoding.UTF8.GetBytes($"{problem}\n"));
        }
        else if (filter.WithHeaders && guard.CheckSensitive(context) is { } refusal)
        {
            await RefuseAsync(context, refusal);
        }
        else if (!await tap.TryStreamAsync(context, filter))
        {
            await WriteAsync(context, StatusCodes.Status429TooManyRequests, Text, Encoding.UTF8.GetBytes($"{TapHub.MostListeners} watch already\n"));
        }
    }

    private async Task ExplainAsync(HttpContext context)
    {
        var (isAnswer, body) = await explain.RenderAsync(context);
        await WriteAsync(context, isAnswer ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, isAnswer ? Json : Text, body);
    }

    private Task WriteReadinessAsync(HttpContext context)
    {
        var obstacles = readiness.Obstacles;
        return obstacles.Count == 0
            ? WriteAsync(context, StatusCodes.Status200OK, Text, "ready\n"u8.ToArray())
            : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, Text, Encoding.UTF8.GetBytes(string.Join('\n', obstacles) + "\n"));
    }

    private static Task WriteAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
