using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Mesh.Silo.Api.OpenApi;

/// <summary>What holds for the whole API.</summary>
internal sealed class DocumentDescription : IOpenApiDocumentTransformer
{
    private const string Text =
        """
        Errors are problem documents (RFC 9457); `errors` lists everything that is wrong with a body, each with its JSONPath.

        A read's `ETag` is the resource's revision. Send it back in `If-Match` to write only if nobody else has written
        meanwhile (else 412), or `If-None-Match: *` to create but not replace. What a read answers can be sent back: its
        read-only fields are ignored, except that names must be those in the path. Unknown fields are refused.

        `?dryRun=true` answers as if a write had been done and does nothing. `?watch=true` turns a read into a stream of
        server-sent events: `put` with the state now and after every change, `delete` when it is gone; `id` is the entity tag.
        Export and health are not watched.
        """;

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "Mesh management API", Version = "v1", Description = Text };

        // Relative, so that the page asks the silo it came from, by the name the reader used.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = SecurityDescription.Schemes;
        return Task.CompletedTask;
    }
}
