using System.Text.Json;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Explain;

namespace Mesh.Proxy.Admin;

/// <summary>Takes a described request and answers with how it would be decided now.</summary>
internal sealed class ExplainPage(Explainer explainer)
{
    private const int MaxBody = 64 * 1024;

    private static readonly JsonSerializerOptions Indented = MeshJson.Indented;

    /// <returns>The answer, and whether it is one; else it says line by line what is wrong with the body.</returns>
    public async Task<(bool IsAnswer, byte[] Body)> RenderAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBody)
            {
                return Refuse($"the body has more than {MaxBody} bytes");
            }
        }

        if (!StrictJson.TryParse(body.ToArray(), out var document, out var error))
        {
            return Refuse($"the body is not JSON: at {error}");
        }

        var errors = new SpecErrors();
        var request = StrictJson.Read<ExplainRequest>(document, JsonPath.Root, errors);
        request?.Validate(JsonPath.Root, errors);
        return errors.IsEmpty
            ? (true, JsonSerializer.SerializeToUtf8Bytes(await explainer.ExplainAsync(request!, context.RequestAborted), Indented))
            : Refuse([.. errors.Items.Select(static item => item.ToString())]);
    }

    private static (bool IsAnswer, byte[] Body) Refuse(params string[] lines) =>
        (false, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
}
