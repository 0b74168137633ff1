using System.Net.Http.Json;
using System.Text.Json;
using Mesh.Silo.Api.Access;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Silo.Tests.Api.Access;

/// <summary>The management API where everybody has to say who they are.</summary>
public sealed class SecuredApiHost : ApiHost
{
    public const string Admin = "0123456789abcdef0123456789abcdef-administrator";

    public async Task<string> Token(string role, params string[] namespaces)
    {
        var answer = await As(Admin).Post("/v1/tokens", JsonSerializer.Serialize(new { name = $"{role}-of-tests", role, namespaces }));
        return answer.Json["token"]!.GetValue<string>();
    }

    public Caller As(string? token) => new(this, token);

    protected override void AddAccess(IServiceCollection services)
    {
        services.AddMeshAccess(new ApiAccessSettings(IsRequired: true));
        services.AddSingleton<IBearerAuthenticator>(new FixedToken());
    }

    /// <summary>Sends requests as somebody; as nobody when the token is null.</summary>
    public sealed class Caller(SecuredApiHost host, string? token)
    {
        public Task<Answer> Get(string path) => Send(HttpMethod.Get, path);

        public Task<Answer> Put(string path, string body) => Send(HttpMethod.Put, path, body);

        public Task<Answer> Post(string path, string? body = null) => Send(HttpMethod.Post, path, body);

        public Task<Answer> Delete(string path) => Send(HttpMethod.Delete, path);

        public Task<Answer> Send(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers) =>
            host.Send(method, path, body, token is null ? headers : [("Authorization", $"Bearer {token}"), .. headers]);
    }

    private sealed class FixedToken : IBearerAuthenticator
    {
        public ValueTask<ApiPrincipal?> Find(string token, CancellationToken cancellationToken) =>
            ValueTask.FromResult(token == Admin ? new ApiPrincipal("admin", [ApiGrant.Everything]) : null);
    }
}
