using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Silo.Api.Documents;

internal sealed class ApplyOutcomeConverter() : JsonStringEnumConverter<ApplyOutcome>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
