using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Access;
using Mesh.Proxy.Access.Tokens;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Overrides;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Sessions;
using Mesh.Proxy.Snapshots;
using Mesh.Proxy.Tap;
using Mesh.Proxy.Tcp;
using Mesh.Testing.Fuzzing;
using Mesh.Testing.Processes;

namespace Mesh.Proxy.Tests.Fuzzing;

/// <summary>Everything of the proxy that reads what callers and endpoints send, and what is on disk.</summary>
public class ParserFuzzTests
{
    private static readonly FuzzTarget[] Targets =
    [
        FuzzTarget.Text("grpc-timeout", ["250m", "1n", "99999999H", "5S"], static text =>
        {
            var isAccepted = GrpcTimeout.TryParse(text, out var timeout);
            Assert.True(!isAccepted || (GrpcTimeout.TryParse(GrpcTimeout.Format(timeout), out var again) && again >= timeout));
            return isAccepted;
        }),
        FuzzTarget.Text("deadlines", ["250ms", "1h30m"], static text =>
        {
            var request = new DefaultHttpContext().Request;
            request.Headers[DeadlineHeaders.Mesh] = text;
            var isAccepted = DeadlineHeaders.TryRead(request, out _, out var problem);
            Assert.Equal(isAccepted, problem.Length == 0);
            return isAccepted;
        }),
        FuzzTarget.Text("mesh-override", ["web=web-v2", "web=web-v2, db/*=db-canary/*", "a/b=c/d"], static text =>
            Overrides(new HeaderDictionary { [RequestOverrides.Header] = text })),
        FuzzTarget.Text("baggage", ["a=b", "mesh-override=web%3Dweb-v2", "x=1;p=2, mesh-override=shop%2Fweb%3Dshop%2Fv2 , y=%zz"], static text =>
            Overrides(new HeaderDictionary { ["baggage"] = text })),
        FuzzTarget.Text("mesh-backend", ["shop/web", "shop/web-v2;version=2", "shop/web;a%3Bb=c%3Dd"], static text =>
        {
            var isAccepted = BackendHeader.TryParse(text, out var service, out var labels);
            if (isAccepted)
            {
                var written = BackendHeader.Format(service, labels);
                Assert.True(written.Length > text.Length || BackendHeader.TryParse(written, out var again, out var same) && again == service && BackendHeader.Format(again, same) == written);
            }

            return isAccepted;
        }),
        FuzzTarget.Text("tokens of sessions", [new SessionToken(1, 2, 3).ToString()], static text =>
        {
            var isAccepted = SessionToken.TryParse(text, out var token);
            Assert.True(!isAccepted || (SessionToken.TryParse(token.ToString(), out var again) && again == token));
            return isAccepted;
        }),
        FuzzTarget.Text("cookies", ["s=1", "a=b; s=\"2\"; c", "s=1;s=2"], static text => RequestCookie.Find(text, "s").Length >= 0),
        FuzzTarget.Text("JSON web tokens", [Token("{\"alg\":\"ES256\",\"kid\":\"1\"}", "{\"iss\":\"i\",\"aud\":[\"a\"],\"exp\":1e9,\"scope\":\"a b\",\"roles\":[\"r\"]}")], static text => ReadToken(text))
            with { MaxBytesPerByte = 256 },
        FuzzTarget.Text("payloads of tokens", ["{\"iss\":\"i\",\"aud\":\"a\",\"exp\":1000000000,\"scope\":\"a b\",\"x\":{\"y\":[1,\"\\u00e9\"]}}"], static text =>
            ReadToken(Token("{\"alg\":\"ES256\"}", text))) with { MaxBytesPerByte = 512 },
        FuzzTarget.Text("via", ["1.1 mesh-a-in", "1.0 a, 2.0 b (c)"], static text => Via.FindLoop(text, new ViaEntry("mesh-x-in")) is null) with { MaxBytes = 128 << 10 },
        FuzzTarget.Text("targets", ["/", "/a/b?c=d", "/a%2fb;x", "http://web/a"], static text => !RequestTarget.IsAmbiguous(text)),
        FuzzTarget.Text("paths of access rules", ["/", "/a/b", "/a//b/../c", "/a%252fb/."], static text =>
        {
            foreach (var path in (string[])[AccessPath.Read(text, out var others), .. others ?? []])
            {
                Assert.DoesNotContain("/../", path + "/", StringComparison.Ordinal);
            }

            return true;
        }) with { MaxBytesPerByte = 512 },
        FuzzTarget.Text("conditions on query parameters", ["?q=1", "?a=b&q=%20x&q", "q=1"], static text =>
            new QueryCondition(new QueryParamMatch { Name = "q", Value = "(a+)+1", Type = ValueMatchType.RegularExpression }).Matches(text) || true)
            with { MaxBytes = 1 << 20, MaxBytesPerByte = 512 },
        new FuzzTarget("heads of CONNECT", [Encoding.ASCII.GetBytes("CONNECT web:80 HTTP/1.1\r\nHost: web:80\r\n\r\n"), Encoding.ASCII.GetBytes("CONNECT a.b:1 HTTP/1.0\r\nHost: a.b:1\r\nX: y\r\n\r\n")], static bytes =>
        {
            try
            {
                return new ConnectHead().TryRead(new ReadOnlySequence<byte>(bytes, 0, Math.Min(bytes.Length, ConnectHead.MaxSize)), out _) is not null;
            }
            catch (BadHttpRequestException)
            {
                return false;
            }
        }) with { MaxBytesPerByte = 512 },
        new FuzzTarget("what opaque bytes begin with", [[.. MeshPreamble.Bytes.Span], [.. MeshPreamble.Bytes.Span, .. "\x16\x03\x01"u8]], static bytes => SkipPreamble(bytes))
            with { MaxBytesPerByte = 256 },
        FuzzTarget.Text(
            "filters of taps",
            ["service=shop/web&direction=inbound&method=GET", "path=/a%20b&status=5xx&max=10", "status=404&headers=true&query=false&for=1m30s"],
            static text => ReadTapFilter(text)) with { MaxBytesPerByte = 512 },
        FuzzTarget.Text("addresses to listen on", ["http://127.0.0.1:80", "http://localhost:1", "http://[::1]:80"], static text =>
        {
            try
            {
                return ListenerAddress.Parse(ListenerKind.Outbound, text).EndPoint.Port >= 0;
            }
            catch (ListenerException)
            {
                return false;
            }
        }) with { MaxBytesPerByte = 512 },
        new FuzzTarget("files of snapshots", [SnapshotBytes()], static bytes =>
        {
            using var directory = new TemporaryDirectory();
            var path = Path.Combine(directory.Path, "shop_web" + SnapshotFile.Extension);
            File.WriteAllBytes(path, bytes);
            try
            {
                var (read, _) = SnapshotFile.Read(path);

                // What is accepted is whole: its content is the one that was written.
                Assert.Equal(("shop/web", 7), (read.Service.ToString(), read.Version.Revision));
                Assert.Equal(SnapshotBytes().AsSpan(Array.IndexOf(SnapshotBytes(), (byte)'\n')), bytes.AsSpan(Array.IndexOf(bytes, (byte)'\n')));
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }),
    ];

    public static TheoryData<string> Names => [.. Targets.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_gets_a_parser_to_fail(string name) => Assert.True(Fuzz.Run(Targets.Single(target => target.Name == name)) > 0);

    private static bool Overrides(HeaderDictionary headers)
    {
        if (!RequestOverrides.TryRead(headers, "shop", out var overrides))
        {
            return false;
        }

        if (overrides is not null)
        {
            // What goes on to the next hop means the same there.
            var next = new HeaderDictionary();
            overrides.Carry(next);
            Assert.True(RequestOverrides.TryRead(next, "elsewhere", out var again) && again!.Describe().SequenceEqual(overrides.Describe()));
            _ = overrides.Find(new ServiceName("shop", "web"));
        }

        return true;
    }

    /// <summary>They arrive in two parts.</summary>
    private static bool SkipPreamble(byte[] bytes)
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
        var skipping = MeshPreamble.TrySkipAsync(pipe.Reader, CancellationToken.None).AsTask();
        foreach (var part in (byte[][])[bytes[..(bytes.Length / 2)], bytes[(bytes.Length / 2)..]])
        {
            pipe.Writer.Write(part);
            Assert.True(pipe.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);
        }

        pipe.Writer.Complete();
        Assert.True(skipping.IsCompletedSuccessfully);
        var isPreamble = skipping.Result;
        Assert.True(pipe.Reader.TryRead(out var rest));

        // An application gets every byte that is not the mesh's own.
        Assert.Equal(bytes.AsSpan().StartsWith(MeshPreamble.Bytes.Span), isPreamble == true);
        Assert.Equal(bytes.Length == 0, isPreamble is null);
        Assert.Equal(isPreamble == true ? bytes[MeshPreamble.Bytes.Length..] : bytes, rest.Buffer.ToArray());
        pipe.Reader.Complete();
        return isPreamble == true;
    }

    private static bool ReadTapFilter(string text)
    {
        var request = new DefaultHttpContext { Request = { QueryString = new QueryString($"?{text}") } }.Request;
        var problem = TapFilter.TryParse(request.Query, out var filter);
        if (problem is not null)
        {
            Assert.Contains(TapFilter.Parameters, problem, StringComparison.Ordinal);
            return false;
        }

        Assert.InRange(filter.Max, 1, 1000);
        Assert.InRange(filter.Length, TimeSpan.FromTicks(1), TimeSpan.FromHours(1));
        _ = filter.Matches(new TapEvent { At = default, Direction = "inbound", Authority = "web", Method = "GET", Path = "/a b", Status = 404, DurationMs = 1, Service = "shop/web" });
        return true;
    }

    private static bool ReadToken(string text)
    {
        if (ParsedToken.Parse(text) is not { } token)
        {
            return false;
        }

        _ = token.IsFor(new JwtIssuer { Issuer = "i", Jwks = "http://i/", Audiences = ["a"] });
        _ = token.Time("exp");
        _ = token.Has("crit");
        _ = new VerifiedToken(token.Payload).Has("scope", "a");
        return true;
    }

    private static string Token(string header, string payload) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.c2ln";

    private static byte[] SnapshotBytes()
    {
        using var directory = new TemporaryDirectory();
        var snapshot = EncodedSnapshot.From(new ServiceSnapshot { Service = new ServiceName("shop", "web"), Revision = 7, Spec = new ServiceSpec { Hosts = ["a.example"] } });
        SnapshotFile.Write(directory.Path, snapshot);
        return File.ReadAllBytes(Path.Combine(directory.Path, SnapshotFile.NameOf(snapshot.Service)));
    }
}
