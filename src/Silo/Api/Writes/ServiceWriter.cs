using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Abstractions.Writes;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;

namespace Mesh.Silo.Api.Writes;

/// <summary>Has a service's grain do a request's change, under the request's preconditions.</summary>
internal sealed class ServiceWriter(ControlPlane controlPlane)
{
    /// <summary>What revisions say of the way a change came by.</summary>
    public const string Author = "api";

    /// <param name="missing">The message when the service exists but what the command speaks of does not.</param>
    /// <exception cref="ApiException">403, 404, 412 or 422: nothing was changed.</exception>
    public async Task<WriteResult> Write(HttpContext context, ServiceName service, ServiceCommand command, string missing)
    {
        context.Principal().RequireWrite(service);
        if (NamespaceSettings.IsRecord(service) && command is not (PutSpec or DeleteService or Rollback))
        {
            throw ApiException.NotFound($"{service} holds the settings of a namespace and is no service: see /v1/namespaces/{service.Namespace}.");
        }

        if (service == ReservedNames.Gateways && command is not (DrainEndpoint or RemoveEndpoints))
        {
            throw ApiException.Forbidden(ReservedNames.OnlyGateways);
        }

        var request = new WriteRequest
        {
            Command = command,
            Precondition = Preconditions.Of(context.Request),
            DryRun = context.Request.IsDryRun(),
            Author = Author,
            By = Caller.Name(context),
            From = Caller.Address(context),
        };
        var trail = AuditTrail.Of(context);
        trail.Begin();
        var result = await controlPlane.Service(service).Write(request);
        if (result.Status == WriteStatus.Stored)
        {
            trail.Add(service, result.Service?.Revision);
        }

        return result.Status switch
        {
            WriteStatus.Stored or WriteStatus.Unchanged => result,
            WriteStatus.NotFound => throw ApiException.NotFound(result.Service is null ? Missing.Service(service) : missing),
            WriteStatus.PreconditionFailed => throw ApiException.PreconditionFailed(result.ResourceRevision),
            _ => throw ApiException.Invalid(result.Errors),
        };
    }
}
