using System.Globalization;
using Mesh.Abstractions.Connections;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;

namespace Mesh.Silo.Api.Access;

/// <summary>Lets a request through to its endpoint when who sends it may call that.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, ApiAccessSettings settings, ApiAuthenticator authenticator, ApiSessions sessions)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (settings.IsRequired && context.GetEndpoint() is { } endpoint)
        {
            // What is no route is routing's own answer to a wrong method or type, which anybody who is known may have.
            var need = endpoint.Metadata.GetMetadata<ApiNeed>() ?? (endpoint is RouteEndpoint ? ApiNeed.Everything : ApiNeed.Known);
            if (need.Role is not null)
            {
                await Check(context, need);
            }
        }

        await next(context);
    }

    private async Task Check(HttpContext context, ApiNeed need)
    {
        var principal = await authenticator.Authenticate(context)
            ?? throw ApiException.Unauthenticated("Say who you are: Authorization: Bearer and a token of this API.", isInvalid: false);
        context.Features.Set(principal);
        CheckForgery(context);

        var role = need.Role!.Value;
        switch (need.Scope)
        {
            case ApiScope.Path when context.Request.RouteValues[PathNames.Namespace] is string space:
                principal.Require(role, space);
                break;
            case ApiScope.Somewhere:
                if (!principal.MaySomewhere(role))
                {
                    throw ApiNeeds.Lacks(principal, role, "any namespace");
                }

                break;
            default:
                principal.RequireEverywhere(role);
                break;
        }
    }

    /// <summary>A browser sends its cookie with whatever makes it send a request; only a page of ours knows the value besides.</summary>
    private void CheckForgery(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || request.Headers.Authorization.Count > 0
            || sessions.Read(context) is not { } session)
        {
            return;
        }

        if (request.Headers[ApiSessions.CsrfHeader] is not [{ } sent] || !SecretText.IsSame(session.Csrf, sent))
        {
            throw ApiException.Forbidden(string.Create(
                CultureInfo.InvariantCulture, $"A write of a session needs the header {ApiSessions.CsrfHeader} with the value that POST /v1/session gave."));
        }
    }
}
