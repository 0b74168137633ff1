using System.Text.Json;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Json;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Explain;

/// <summary>
/// Answers <c>mesh-explain: 1</c>: the response carries in a header of the same name how its request was decided, as JSON
/// on one line, wherever the answer came from.
/// </summary>
internal sealed class ExplainHeader(Explainer explainer)
{
    public const string Name = "mesh-explain";

    /// <summary>In characters; clients and servers bound headers. What is longer is said without the rules that do not apply, then without endpoints, then without what callers can stretch.</summary>
    private const int MaxLength = 6_000;

    /// <summary>How many rules and endpoints are listed.</summary>
    private const int MaxItems = 20;

    private static readonly JsonSerializerOptions OneLine = new(MeshJson.Options)
    {
        // Only ASCII can be in a header.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default,
    };

    /// <summary>Whether callers of the service may ask. All that a request which nobody asks about costs.</summary>
    public static bool IsAllowed(ServiceState service) => service.Model is { } model && model.Namespace.Settings.AllowExplain;

    /// <summary>Sees to the header when the request asks for it.</summary>
    public void Watch(HttpContext context, ServiceState service)
    {
        if (context.Request.Headers[Name] is not ["1"])
        {
            return;
        }

        context.Response.OnStarting(() =>
        {
            var call = context.Features.Get<OutboundCall>();
            context.Response.Headers[Name] = Write(explainer.Explain(context, call?.Service ?? service, call, MaxItems) with
            {
                Error = context.Response.Headers[ErrorResponse.CodeHeader] is [{ } code] ? code : null,
            });
            return Task.CompletedTask;
        });
    }

    internal static string Write(Explanation explanation)
    {
        var text = JsonSerializer.Serialize(explanation, OneLine);
        if (text.Length > MaxLength)
        {
            explanation = explanation with { Rules = explanation.Rules?.Where(static rule => rule.Matches).Take(1).ToList() };
            text = JsonSerializer.Serialize(explanation, OneLine);
        }

        if (text.Length > MaxLength)
        {
            explanation = explanation with { Endpoints = null, Backends = null };
            text = JsonSerializer.Serialize(explanation, OneLine);
        }

        return text.Length <= MaxLength ? text : JsonSerializer.Serialize(explanation with { Rules = null, Answer = null, Overrides = null }, OneLine);
    }
}
