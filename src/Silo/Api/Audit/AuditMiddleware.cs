using Mesh.Abstractions.Audit;
using Mesh.Grains;
using Mesh.Grains.Audit;
using Mesh.Silo.Api.Requests;

namespace Mesh.Silo.Api.Audit;

/// <summary>
/// Records every request that changes something, or wanted to, before the first byte of its answer is sent: nobody learns of
/// a change that the log does not have. It has to be outside of what answers errors, to see their status.
/// </summary>
internal sealed class AuditMiddleware(
    RequestDelegate next, AuditLog log, RefusalFold fold, AuditId ids, AuditSettings settings, MeshRegion region, TimeProvider time)
{
    /// <summary>The client left before it was answered; nginx' number, for want of one of HTTP's.</summary>
    private const int ClientLeft = 499;

    public Task InvokeAsync(HttpContext context) => IsChange(context.Request.Method) ? Audit(context) : next(context);

    private static bool IsChange(string method) =>
        HttpMethods.IsPut(method) || HttpMethods.IsPost(method) || HttpMethods.IsDelete(method) || HttpMethods.IsPatch(method);

    private async Task Audit(HttpContext context)
    {
        var isRecorded = false;
        context.Response.OnStarting(() =>
        {
            Record(context.Response.StatusCode);
            return Task.CompletedTask;
        });
        try
        {
            await next(context);
        }
        catch
        {
            Record(StatusCodes.Status500InternalServerError);
            throw;
        }

        // An answer without a body has not started yet.
        Record(context.RequestAborted.IsCancellationRequested ? ClientLeft : context.Response.StatusCode);

        void Record(int status)
        {
            if (!isRecorded)
            {
                isRecorded = true;
                RecordOnce(context, status);
            }
        }
    }

    private void RecordOnce(HttpContext context, int status)
    {
        var scope = ScopeOf(context);
        if (scope == AuditScope.None)
        {
            return;
        }

        var trail = AuditTrail.Of(context);
        var (changes, total) = trail.Read();
        var isAccepted = status < StatusCodes.Status400BadRequest || changes.Count > 0 || (trail.IsBegun && status >= ClientLeft);
        if (!isAccepted && !fold.IsRecorded(context, status))
        {
            log.CountFolded();
            return;
        }

        var entry = new AuditEntry
        {
            Id = ids.Next(),
            At = time.GetUtcNow(),
            By = Caller.Name(context),
            From = Caller.Address(context),
            Method = context.Request.Method,
            Path = AuditText.PathOf(context.Request),
            Namespace = Clean(trail.Namespace ?? context.Request.RouteValues.GetValueOrDefault(PathNames.Namespace)?.ToString()),
            Resource = trail.Resource is { } named ? AuditText.Clean(named, AuditText.MaxPath) : AuditResource.Of(context),
            Status = status,
            Changes = changes,
            ChangesTotal = total,
            Region = region.Name,
            Silo = settings.Silo,
        };
        log.Record(entry, isAccepted ? AuditList.Accepted : AuditList.Refused, isStored: scope == AuditScope.Stored);
    }

    private static AuditScope ScopeOf(HttpContext context)
    {
        if (context.GetEndpoint() is not { Metadata: var metadata })
        {
            // There is nothing here that could have been changed.
            return AuditScope.LogOnly;
        }

        // Where there are no dry runs, the parameter does not hide anything.
        return context.Request.IsDryRun() && metadata.GetMetadata<QueryParameters>()?.Names.Contains(QueryNames.DryRun) == true
            ? AuditScope.None
            : metadata.OfType<AuditScope>().LastOrDefault(AuditScope.Stored);
    }

    private static string? Clean(string? name) => name is null ? null : AuditText.Clean(name, AuditText.MaxName);
}
