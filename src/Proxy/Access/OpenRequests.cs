namespace Mesh.Proxy.Access;

/// <summary>
/// What is under way from the mesh to the application. Lists with locks of their own, so that requests on different
/// threads seldom meet.
/// </summary>
internal sealed class OpenRequests
{
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Math.Max(4, Environment.ProcessorCount * 2)).Select(static _ => new Stripe())];

    public void Add(OpenRequest request)
    {
        request.Stripe = Environment.CurrentManagedThreadId % _stripes.Length;
        var stripe = _stripes[request.Stripe];
        lock (stripe.Lock)
        {
            request.Next = stripe.First;
            if (stripe.First is { } first)
            {
                first.Previous = request;
            }

            stripe.First = request;
        }
    }

    public void Remove(OpenRequest request)
    {
        request.End();
        var stripe = _stripes[request.Stripe];
        lock (stripe.Lock)
        {
            if (request.Previous is { } previous)
            {
                previous.Next = request.Next;
            }
            else
            {
                stripe.First = request.Next;
            }

            if (request.Next is { } next)
            {
                next.Previous = request.Previous;
            }
        }
    }

    public List<OpenRequest> ToList()
    {
        var all = new List<OpenRequest>();
        foreach (var stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                for (var request = stripe.First; request is not null; request = request.Next)
                {
                    all.Add(request);
                }
            }
        }

        return all;
    }

    private sealed class Stripe
    {
        public Lock Lock { get; } = new();

        public OpenRequest? First { get; set; }
    }
}
