using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Mesh.Grains.Tests.Security;

/// <summary>What a modified Orleans client can do to its own messages: everything.</summary>
internal static class Forgery
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Type MessageType = Type.GetType("Orleans.Runtime.Message, Orleans.Core", throwOnError: true)!;

    /// <summary>From now on the client's calls say that they come from this grain.</summary>
    /// <returns>Who they came from.</returns>
    public static GrainId SetSource(IClusterClient client, GrainId source)
    {
        var address = (GrainAddress)Get(Runtime(client), "CurrentActivationAddress");
        var field = typeof(GrainAddress).GetFields(Any).Single(static field => field.FieldType == typeof(GrainId));
        var before = address.GrainId;
        field.SetValue(address, source);
        return before;
    }

    public static GrainId Id(IClusterClient client) => ((GrainAddress)Get(Runtime(client), "CurrentActivationAddress")).GrainId;

    /// <summary>Sends a message of the client's own making.</summary>
    /// <param name="direction"><c>Request</c>, <c>Response</c> or <c>OneWay</c>.</param>
    public static void Send(IClusterClient client, string direction, long id, GrainId source, GrainId target, SiloAddress? silo = null, object? body = null)
    {
        var message = Activator.CreateInstance(MessageType, nonPublic: true)!;
        var directions = MessageType.GetProperty("Direction", Any)!;
        directions.SetValue(message, Enum.Parse(directions.PropertyType, direction));
        var ids = MessageType.GetProperty("Id", Any)!;
        ids.SetValue(message, Activator.CreateInstance(ids.PropertyType, id));
        MessageType.GetProperty("SendingGrain", Any)!.SetValue(message, source);
        MessageType.GetProperty("TargetGrain", Any)!.SetValue(message, target);
        MessageType.GetProperty("TargetSilo", Any)!.SetValue(message, silo);
        MessageType.GetProperty("BodyObject", Any)!.SetValue(message, body);
        var center = Get(Runtime(client), "MessageCenter");
        center.GetType().GetMethod("SendMessage", Any)!.Invoke(center, [message]);
    }

    private static object Runtime(IClusterClient client) =>
        client.ServiceProvider.GetRequiredService(Type.GetType("Orleans.OutsideRuntimeClient, Orleans.Core", throwOnError: true)!);

    private static object Get(object from, string property) => from.GetType().GetProperty(property, Any)!.GetValue(from)!;
}
