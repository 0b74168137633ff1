using System.Buffers;
using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Silo.Api.Problems;
using Microsoft.Net.Http.Headers;

namespace Mesh.Silo.Api.Requests;

/// <summary>Reads bodies: of the right type, bounded, whole.</summary>
internal static class RequestBody
{
    private const int BlockSize = 4096;

    /// <exception cref="ApiException">400, 413 or 415.</exception>
    public static async Task<JsonElement> ReadJson(HttpContext context, int limit = ApiLimits.Body)
    {
        RequireType(context.Request, IsJson, "application/json");
        return ParseJson(await ReadBytes(context, limit));
    }

    /// <exception cref="ApiException">The bytes are not JSON: 400.</exception>
    public static JsonElement ParseJson(ReadOnlyMemory<byte> body) => StrictJson.TryParse(body, out var document, out var error)
        ? document
        : throw ApiException.Syntax("JSON", error);

    public static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    public static bool IsYaml(MediaTypeHeaderValue type) => type.MediaType.Value?.ToLowerInvariant() is
        "application/yaml" or "application/x-yaml" or "text/yaml" or "text/x-yaml" or "text/vnd.yaml";

    /// <returns>The body's type, which <paramref name="isRight"/>.</returns>
    public static MediaTypeHeaderValue RequireType(HttpRequest request, Func<MediaTypeHeaderValue, bool> isRight, string expected)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !isRight(type))
        {
            throw ApiException.MediaTypeRefused($"Send the body with Content-Type: {expected}.");
        }

        if (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw ApiException.MediaTypeRefused("The body must be in UTF-8.");
        }

        return request.Headers.ContentEncoding.Count == 0
            ? type
            : throw ApiException.MediaTypeRefused("The body must be sent without Content-Encoding.");
    }

    /// <summary>
    /// Reads the whole body. When it is too large, the rest is left to Kestrel, which reads it away (up to
    /// <see cref="ApiLimits.ReadAway"/>) so that the client gets the answer and not a broken connection.
    /// </summary>
    public static async Task<ReadOnlyMemory<byte>> ReadBytes(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
        {
            throw ApiException.TooLarge(limit);
        }

        var body = new ArrayBufferWriter<byte>((int)(context.Request.ContentLength ?? 0) + BlockSize);
        while (true)
        {
            var length = await context.Request.Body.ReadAsync(body.GetMemory(BlockSize), context.RequestAborted);
            if (length == 0)
            {
                return body.WrittenMemory;
            }

            body.Advance(length);
            if (body.WrittenCount > limit)
            {
                throw ApiException.TooLarge(limit);
            }
        }
    }
}
