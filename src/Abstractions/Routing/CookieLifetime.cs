using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Routing;

[JsonConverter(typeof(PascalCaseEnumConverter<CookieLifetime>))]
public enum CookieLifetime
{
    /// <summary>Until the browser closes.</summary>
    Session,

    /// <summary>For <see cref="SessionPersistence.AbsoluteTimeout"/>.</summary>
    Permanent,
}
