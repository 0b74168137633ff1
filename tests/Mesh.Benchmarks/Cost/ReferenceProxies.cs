using System.Net.Sockets;
using Mesh.Processes;
using Mesh.Testing;

namespace Mesh.Benchmarks.Cost;

/// <summary>nginx as the upstream, and nginx and HAProxy as the proxies to compare with; all keep connections alive and log nothing.</summary>
internal static class ReferenceProxies
{
    public static Task<ManagedProcess> StartUpstream(string directory, int port) => StartNginx(
        "upstream",
        directory,
        port,
        $$"""
        server {
          listen 127.0.0.1:{{port}};
          location / { default_type text/plain; return 200 "hello from upstream\n"; }
        }
        """);

    public static Task<ManagedProcess> StartNginxProxy(string directory, int port, int upstreamPort) => StartNginx(
        "nginx",
        directory,
        port,
        $$"""
        upstream backend { server 127.0.0.1:{{upstreamPort}}; keepalive 128; keepalive_requests 1000000000; }
        server {
          listen 127.0.0.1:{{port}};
          location / {
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
          }
        }
        """);

    public static async Task<ManagedProcess> StartHaProxy(string directory, int port, int upstreamPort)
    {
        var file = Path.Combine(directory, "haproxy.cfg");
        await File.WriteAllTextAsync(
            file,
            $"""
            global
              maxconn 4096
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              http-reuse always
            frontend in
              bind 127.0.0.1:{port}
              default_backend out
            backend out
              server upstream 127.0.0.1:{upstreamPort}

            """);
        var process = ManagedProcess.Start(new ProcessSpec { Name = "haproxy", FileName = Tool.Find("haproxy")!, Arguments = ["-db", "-f", file] });
        await Listens(process, port);
        return process;
    }

    private static async Task<ManagedProcess> StartNginx(string name, string directory, int port, string servers)
    {
        var root = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        var file = Path.Combine(root, "nginx.conf");
        await File.WriteAllTextAsync(
            file,
            $$"""
            daemon off;
            master_process off;
            pid {{root}}/nginx.pid;
            error_log stderr error;
            events { worker_connections 4096; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              client_body_temp_path {{root}}/body;
              proxy_temp_path {{root}}/proxy;
              fastcgi_temp_path {{root}}/fastcgi;
              uwsgi_temp_path {{root}}/uwsgi;
              scgi_temp_path {{root}}/scgi;
              {{servers}}
            }

            """);
        var process = ManagedProcess.Start(new ProcessSpec { Name = name, FileName = Tool.Find("nginx")!, Arguments = ["-c", file, "-p", root] });
        await Listens(process, port);
        return process;
    }

    private static Task Listens(ManagedProcess process, int port) =>
        Eventually.Holds($"{process.Name} listens on {port}", async () =>
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{process.Name} ended: {string.Join('\n', process.Output())}");
            }

            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        });
}
