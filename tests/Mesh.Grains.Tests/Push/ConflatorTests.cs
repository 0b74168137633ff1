using Mesh.Grains.Push;

namespace Mesh.Grains.Tests.Push;

public class ConflatorTests
{
    [Fact]
    public void While_one_is_sent_only_the_newest_waits()
    {
        var sent = new List<string>();
        var gates = new Queue<TaskCompletionSource>([new(), new()]);
        var conflator = new Conflator<string>(
            value =>
            {
                sent.Add(value);
                return gates.Dequeue().Task;
            },
            _ => { });
        var first = gates.Peek();

        conflator.Offer("1");
        conflator.Offer("2");
        conflator.Offer("3");
        Assert.Equal(["1"], sent);
        first.SetResult();

        Assert.Equal(["1", "3"], sent);
    }

    [Fact]
    public void A_failure_is_reported_and_does_not_stop_the_next()
    {
        var sent = new List<string>();
        var failures = new List<string>();
        var conflator = new Conflator<string>(
            value =>
            {
                sent.Add(value);
                return value == "bad" ? throw new InvalidOperationException("no") : Task.CompletedTask;
            },
            exception => failures.Add(exception.Message));

        conflator.Offer("bad");
        conflator.Offer("good");

        Assert.Equal(["bad", "good"], sent);
        Assert.Equal(["no"], failures);
    }
}
